//! As much of CBOR (RFC 8949) as a snowmaker provider needs: definite lengths, text keys, no tags.

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    /// A value that cannot be known now.
    Unknown,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

/// Deeper documents are refused.
const DEPTH: usize = 64;

impl Value {
    /// The value under a key of a map; none when this is no map or has no such key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(fields) => fields.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list; none when this is no list.
    pub fn list(&self) -> &[Value] {
        match self {
            Value::List(elements) => elements,
            _ => &[],
        }
    }

    pub fn is_map(&self) -> bool {
        matches!(self, Value::Map(_))
    }

    /// The document in these bytes; none when they are not exactly one well-formed value.
    pub fn decode(bytes: &[u8]) -> Option<Value> {
        let mut reader = Reader { bytes, at: 0 };
        let value = reader.value(0)?;
        if reader.at == bytes.len() {
            Some(value)
        } else {
            None
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Value::Null => out.push(0xf6),
            Value::Unknown => out.push(0xf7),
            Value::Bool(flag) => out.push(if *flag { 0xf5 } else { 0xf4 }),
            Value::Int(number) if *number < 0 => head(out, 1, !*number as u64),
            Value::Int(number) => head(out, 0, *number as u64),
            Value::Float(number) => {
                out.push(0xfb);
                out.extend_from_slice(&number.to_bits().to_be_bytes());
            }
            Value::Text(text) => {
                head(out, 3, text.len() as u64);
                out.extend_from_slice(text.as_bytes());
            }
            Value::List(elements) => {
                head(out, 4, elements.len() as u64);
                elements.iter().for_each(|element| element.write(out));
            }
            Value::Map(fields) => {
                head(out, 5, fields.len() as u64);
                for (key, value) in fields {
                    Value::Text(key.clone()).write(out);
                    value.write(out);
                }
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_string())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

/// A map of these fields.
pub fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(fields.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
}

fn head(out: &mut Vec<u8>, major: u8, argument: u64) {
    if argument < 24 {
        out.push(major << 5 | argument as u8);
    } else {
        out.push(major << 5 | 27);
        out.extend_from_slice(&argument.to_be_bytes());
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: u64) -> Option<&'a [u8]> {
        if count > (self.bytes.len() - self.at) as u64 {
            return None;
        }
        let start = self.at;
        self.at += count as usize;
        Some(&self.bytes[start..self.at])
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        let first = self.take(1)?[0];
        let (major, low) = (first >> 5, first & 31);
        let argument = match low {
            0..=23 => low as u64,
            24..=27 => self.take(1 << (low - 24))?.iter().fold(0, |sum, byte| sum << 8 | *byte as u64),
            _ => return None,
        };
        Some(match major {
            0 => Value::Int(i64::try_from(argument).ok()?),
            1 => Value::Int(-1 - i64::try_from(argument).ok()?),
            3 => Value::Text(std::str::from_utf8(self.take(argument)?).ok()?.to_string()),
            4 => {
                let mut elements = Vec::new();
                for _ in 0..argument {
                    elements.push(self.value(depth + 1)?);
                }
                Value::List(elements)
            }
            5 => {
                let mut fields = Vec::new();
                for _ in 0..argument {
                    let key = match self.value(depth + 1)? {
                        Value::Text(key) => key,
                        _ => return None,
                    };
                    fields.push((key, self.value(depth + 1)?));
                }
                Value::Map(fields)
            }
            7 => match low {
                20 => Value::Bool(false),
                21 => Value::Bool(true),
                22 => Value::Null,
                23 => Value::Unknown,
                26 => Value::Float(f32::from_bits(argument as u32) as f64),
                27 => Value::Float(f64::from_bits(argument)),
                _ => return None,
            },
            _ => return None,
        })
    }
}
