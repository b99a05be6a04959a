//! A provider for resource monitors in Rust, without crates.
//!
//! <https://docs.snowflake.com/en/sql-reference/sql/create-resource-monitor>

mod cbor;
mod plugin;

use cbor::{map, Value};
use plugin::{Bytes, Failure, Peer, Reply};
use std::os::raw::c_void;

/// What this plugin is: the answer to DESCRIBE.
const MANIFEST: &str = r#"{"name": "acme-monitors", "version": "0.1.0", "protocol": "1.0", "sdk": "rust",
 "doc": "Resource monitors: limits on credits.",
 "types": [{
  "type": "resource_monitor", "plural": "resource_monitors", "sql_name": "RESOURCE MONITOR", "identity": ["name"],
  "doc": "A limit on the credits that warehouses use.",
  "create_privilege": "CREATE RESOURCE MONITOR", "privileges": ["MODIFY", "MONITOR"],
  "attributes": [
   {"name": "name", "kind": "identifier", "required": true, "column": "name", "doc": "The name."},
   {"name": "credit_quota", "kind": {"kind": "integer", "minimum": 1}, "property": "CREDIT_QUOTA", "required": true,
    "column": "credit_quota", "unset": "impossible", "doc": "The credits per period."},
   {"name": "frequency", "kind": {"kind": "enumeration", "values": ["MONTHLY", "DAILY", "WEEKLY", "YEARLY", "NEVER"]},
    "property": "FREQUENCY", "column": "frequency", "default": "MONTHLY", "unset": {"set": "MONTHLY"},
    "doc": "When the used credits go back to 0."}],
  "reads": [{"name": "show", "statement": "SHOW RESOURCE MONITORS", "per": "account", "shape": "rows"}],
  "examples": [{
   "create": {"resource_monitors": [{"name": "MONTHLY", "credit_quota": 100, "frequency": "WEEKLY"}]},
   "change": {"resource_monitors": [{"name": "MONTHLY", "credit_quota": 200, "frequency": "DAILY"}]}}],
  "emulation": {"show_columns": [
   {"name": "name", "fact": "name"}, {"name": "credit_quota", "attribute": "credit_quota"},
   {"name": "frequency", "attribute": "frequency"}, {"name": "created_on", "fact": "created_on"},
   {"name": "owner", "fact": "owner"}]}}]}"#;

/// The attributes beside the name: key, SQL property, and what it is set back to.
const ATTRIBUTES: [(&str, &str, Option<&str>); 2] =
    [("credit_quota", "CREDIT_QUOTA", None), ("frequency", "FREQUENCY", Some("MONTHLY"))];

fn handle(method: u32, request: &Value) -> Result<Value, Failure> {
    if request.get("type").and_then(Value::text) != Some("resource_monitor") {
        return Err(Failure::Refused("no such type".to_string()));
    }
    if method == plugin::READ {
        read(request)
    } else {
        plan(request)
    }
}

// READ, in two rounds: ask for one SHOW, then turn its rows into resources.

fn read(request: &Value) -> Result<Value, Failure> {
    let result = match request.get("results").and_then(|results| results.list().first()) {
        Some(result) => result,
        None => {
            let query = map([
                ("sql", "SHOW RESOURCE MONITORS".into()),
                ("class", "SHOW RESOURCE MONITORS".into()),
                ("row_limit", Value::Int(10_000)),
            ]);
            return Ok(map([("queries", Value::List(vec![query]))]));
        }
    };
    if result.get("failure").map_or(false, Value::is_map) {
        return Err(Failure::Refused("SHOW RESOURCE MONITORS failed".to_string()));
    }
    let rows = result.get("rows").map_or(&[][..], Value::list);
    let observed = rows.iter().filter_map(|row| observe(result, row)).collect();
    let mut answer = vec![("observed".to_string(), Value::List(observed))];
    if result.get("cut").is_some() {
        answer.push(("partial".to_string(), "SHOW RESOURCE MONITORS was cut".into()));
    }
    Ok(Value::Map(answer))
}

/// The text of a row under a column; none when the account does not have the column, or it is NULL.
fn cell<'a>(result: &Value, row: &'a Value, column: &str) -> Option<&'a str> {
    let columns = result.get("columns")?.list();
    let index = columns.iter().position(|name| name.text() == Some(column))?;
    row.list().get(index)?.text()
}

fn observe(result: &Value, row: &Value) -> Option<Value> {
    let name = quoted(cell(result, row, "name")?);
    let mut attributes = vec![("name".to_string(), Value::Text(name.clone()))];
    // A quota comes as text: "100" or "100.00".
    let quota = cell(result, row, "credit_quota").and_then(|text| text.split('.').next()?.parse().ok());
    if let Some(quota) = quota {
        attributes.push(("credit_quota".to_string(), Value::Int(quota)));
    }
    if let Some(frequency) = cell(result, row, "frequency") {
        attributes.push(("frequency".to_string(), frequency.into()));
    }
    let mut observation = vec![
        ("identity".to_string(), Value::List(vec![Value::Text(name)])),
        ("attributes".to_string(), Value::Map(attributes)),
    ];
    if let Some(owner) = cell(result, row, "owner") {
        observation.push(("owner".to_string(), owner.into()));
    }
    Some(Value::Map(observation))
}

/// SHOW prints a name as it is stored. In quotes it is SQL for that, whether it needs them or not.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

// PLAN.

fn plan(request: &Value) -> Result<Value, Failure> {
    let items = request.get("items").map_or(&[][..], Value::list);
    let changes: Result<Vec<Value>, Failure> = items.iter().map(change).collect();
    Ok(map([("changes", Value::List(changes?))]))
}

/// What is to be done to one resource.
fn change(item: &Value) -> Result<Value, Failure> {
    let name = match item.get("identity").map(Value::list) {
        Some([Value::Text(name)]) => name,
        _ => return Err(Failure::Malformed),
    };
    let observed = item.get("observed").filter(|observed| observed.is_map());
    let none = map([("action", "none".into())]);
    let declared = match (item.get("declared").filter(|declared| declared.is_map()), observed) {
        (Some(declared), _) => declared,
        (None, None) => return Ok(none),
        (None, Some(_)) => {
            let drop = statement(format!("DROP RESOURCE MONITOR {}", name), "ownership", None, Some(name));
            return Ok(map([
                ("action", "drop".into()),
                ("risk", "re-creatable".into()),
                ("statements", Value::List(vec![drop])),
            ]));
        }
    };

    let mut sql = String::new();
    let mut attributes = Vec::new();
    for (key, property, reset) in ATTRIBUTES {
        // Absent is not managed, null is back to what Snowflake has by itself.
        let value = match declared.get(key) {
            Some(value) => value,
            None => continue,
        };
        let before = observed.and_then(|observed| observed.get("attributes")?.get(key));
        let target = match (value, reset) {
            (Value::Null, Some(reset)) if observed.is_some() => reset.into(),
            (Value::Null, _) => continue,
            (value, _) => value.clone(),
        };
        if before == Some(&target) {
            continue;
        }
        let text = match &target {
            Value::Text(word) => word.clone(),
            Value::Int(number) => number.to_string(),
            _ => return Err(Failure::Refused(format!("{}: a number or a word is needed", key))),
        };
        sql += &format!(" {} = {}", property, text);
        attributes.push(map([
            ("name", key.into()),
            ("before", before.cloned().unwrap_or(Value::Unknown)),
            ("after", value.clone()),
        ]));
    }
    let change = if observed.is_none() {
        let with = if sql.is_empty() { "" } else { " WITH" };
        let sql = format!("CREATE RESOURCE MONITOR {}{}{}", name, with, sql);
        ("create", statement(sql, "privilege", Some("CREATE RESOURCE MONITOR"), None))
    } else if attributes.is_empty() {
        return Ok(none);
    } else {
        let sql = format!("ALTER RESOURCE MONITOR {} SET{}", name, sql);
        ("update", statement(sql, "privilege", Some("MODIFY"), Some(name)))
    };
    Ok(map([
        ("action", change.0.into()),
        ("attributes", Value::List(attributes)),
        ("statements", Value::List(vec![change.1])),
    ]))
}

/// A statement, and what the role that runs it must be able to do: on the monitor, or, without a name, on the account.
fn statement(sql: String, need: &str, privilege: Option<&str>, name: Option<&str>) -> Value {
    let object = match name {
        Some(name) => map([("type", "RESOURCE MONITOR".into()), ("name", name.into())]),
        None => map([("type", "ACCOUNT".into()), ("name", "".into())]),
    };
    let mut authority = vec![("need".to_string(), need.into()), ("on".to_string(), object)];
    if let Some(privilege) = privilege {
        authority.push(("privilege".to_string(), privilege.into()));
    }
    map([("sql", sql.into()), ("authorities", Value::List(vec![Value::Map(authority)]))])
}

// The way in.

extern "C" fn call(_: *mut c_void, method: u32, request: Bytes, reply: *const Reply) -> i32 {
    plugin::answer(method, request, reply, MANIFEST, handle)
}

static PEER: Peer = Peer { abi: 1, flags: 0, ctx: std::ptr::null_mut(), call, extension: None };

/// A `-` in the plugin's name is a `_` here.
#[no_mangle]
pub extern "C" fn snowmaker_acme_monitors_entry(_host: *const Peer) -> *const Peer {
    plugin::open(&PEER)
}
