#ifndef SNOWMAKER_EMBED_H
#define SNOWMAKER_EMBED_H

/* snowmaker in a program of your own: load a project, plan, look at the plan, apply it, watch it, stop it.
 *
 * Rules that hold for every function:
 *
 * Texts      UTF-8, ended by NUL. What goes in is borrowed until the call returns. What comes out through a `char **`
 *            is yours: give it back with snowmaker_text_free. Such a pointer may be NULL when you do not want the text.
 * Documents  Options, results and events are JSON objects. Unknown keys in options are an error, so that a misspelt
 *            option is never ignored; NULL stands for `{}`. Later versions add keys to results and events: ignore those
 *            that you do not know.
 * Status     Every int32_t is a snowmaker_status. When it is not SNOWMAKER_OK, nothing was put into the other results,
 *            and `problem` says why: a JSON array of diagnostics, see snowmaker_project_validate.
 * Handles    A handle that was released, or never was one, is answered with SNOWMAKER_INVALID, not with a crash.
 *            Releasing NULL does nothing. A plan keeps its deployment, and a deployment its project: release in any order.
 * Threads    Call from any thread. Calls block until they are done. A deployment does one thing at a time: a second call
 *            on it meanwhile is answered with SNOWMAKER_INVALID; snowmaker_deployment_cancel alone may come in between.
 * Process    The library installs no signal handler, redirects no descriptor and changes neither the environment nor
 *            the working directory. Plugins that did not come with it run in children of the process, which are gone
 *            when their deployment is; it waits for these alone. fork without exec in a program that has called it is not supported.
 *
 * What is here never changes. Later versions add functions and keys.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header. */
#define SNOWMAKER_EMBED_VERSION 1

enum snowmaker_status {
  SNOWMAKER_OK = 0,
  /* It did not work; the problem says why, and whether the account was changed. */
  SNOWMAKER_FAILED = 1,
  /* The call itself was wrong: a NULL that may not be, a handle that is none, options that cannot be read. */
  SNOWMAKER_INVALID = 2,
  /* snowmaker_deployment_cancel stopped it. */
  SNOWMAKER_CANCELLED = 3
};

/* A project for one target, with the plugins that are loaded for it. It has seen no account. */
typedef struct snowmaker_project snowmaker_project;
/* A project on an account. */
typedef struct snowmaker_deployment snowmaker_deployment;
/* What is to be done on an account, with the exact SQL. */
typedef struct snowmaker_plan snowmaker_plan;

/* Told of progress. `event` is a JSON object, borrowed until the function returns. Pass over those you do not know:
 *   {"event": "progress", "message": "Reading the account"}
 *   {"event": "started",  "step": 0, "steps": 12, "address": "role.LOADER", "sql": "CREATE ROLE LOADER", "role": "USERADMIN"}
 *   {"event": "working",  "step": 0, "steps": 12, …, "message": "Asking the directory", "done": 3, "total": 10}
 *   {"event": "finished", "step": 0, "steps": 12, …, "query_id": "01b…", "seconds": 0.031}
 *   {"event": "failed",   "step": 0, "steps": 12, …, "error": "003001: …", "kind": "failed",
 *    "code": "003001"}
 *   {"event": "settled",  "address": "role.LOADER"}
 *   {"event": "stopping"}
 * It comes on a thread of the library, one event at a time; do not call into the deployment from it, except for
 * snowmaker_deployment_cancel. */
typedef void (*snowmaker_event_function)(void *user, const char *event);

/* The version of the library that is loaded: SNOWMAKER_EMBED_VERSION as it was built. */
uint32_t snowmaker_embed_version(void);
/* The version of snowmaker, e.g. "0.1.0". Lives as long as the process. */
const char *snowmaker_version(void);
/* Gives back a text that a function here returned. NULL is fine. */
void snowmaker_text_free(char *text);

/* ---- Project ---- */

/* Loads plugins and configuration. Options:
 *   path                    a folder of YAML files, or one file; the current folder
 *   target                  the target of snowmaker.yaml; its default
 *   variables               {"name": value}
 *   plugin_dirs             ["folder"]: plugins beside those that come with the library
 *   allow_insecure_plugins  load plugins that other users could have changed; false
 *   isolate                 which plugins run in a child process: never, untrusted (those that did not come with the
 *                           library) or always; what SNOWMAKER_ISOLATE and the project say, or untrusted
 *   allow_network           ["plugin"]: these may use the network in APPLY, if their manifests ask for it
 *   environment             {"NAME": "value"} that the configuration sees; the process's own
 * A mistake in the configuration is no failure here: snowmaker_project_validate tells it. */
int32_t snowmaker_project_load(const char *options, snowmaker_project **project, char **problem);

/* Everything that can be found wrong without an account:
 *   {"valid": false, "diagnostics": [{"severity": "error", "summary": "…", "detail": "…", "code": "unknown-key",
 *     "address": "role.LOADER", "path": ["comment"], "position": {"file": "a.yml", "line": 3, "column": 5}}]}
 * `severity` is error, warning or note; keys without a value are left out. */
int32_t snowmaker_project_validate(snowmaker_project *project, char **result, char **problem);

/* What the project is and declares:
 *   {"project": "…", "target": "…", "targets": ["…"], "plugins": [{"name", "version", "path", "types": ["…"]}],
 *    "resources": [{"address", "type", "identity": ["…"], "position"}]} */
int32_t snowmaker_project_describe(snowmaker_project *project, char **result, char **problem);

/* The JSON Schema of the resource files, made from the loaded plugins. */
int32_t snowmaker_project_schema(snowmaker_project *project, char **result, char **problem);

void snowmaker_project_release(snowmaker_project *project);

/* ---- Deployment ---- */

/* Connects to an account. Options:
 *   connection   a connection of connections.toml, or "emulator" for the embedded one; the target's
 *   parameters   {"user": "…", "role": "…"}: connection keys that count before what the connection says
 *   lanes        the most sessions for reading and for writing; 8
 * Fails when the project has errors, or the account refuses the login. */
int32_t snowmaker_deployment_open(
    snowmaker_project *project, const char *options, snowmaker_deployment **deployment, char **problem);

/* Reads the account and plans; changes nothing. `on_event` may be NULL. Options:
 *   only             ["type", "type:NAME"]; all resources
 *   allow_drop       drops and replaces are meant; false
 *   drop_adopted     drop what was adopted and has left the configuration; false: it is released
 *   assume_absent    take what could not be seen as absent; false
 *   resend_secrets   send passwords again although they did not change; false
 *   max_drops        the most resources to drop; what the project says
 * A plan with errors in it is a plan: see `errors` and `diagnostics` in its JSON. */
int32_t snowmaker_deployment_plan(
    snowmaker_deployment *deployment, const char *options, snowmaker_event_function on_event, void *user,
    snowmaker_plan **plan, char **problem);

/* Reads a saved plan and holds it against this project, its plugins and the account as it is now. Options as for
 * snowmaker_deployment_plan. Fails when the plan was made for something else or the account has moved since. */
int32_t snowmaker_deployment_load_plan(
    snowmaker_deployment *deployment, const char *path, const char *options, snowmaker_plan **plan, char **problem);

/* Applies a plan, then reads and plans again: what was touched must need nothing more. Before anything is sent, the
 * account is held against the plan; when something that the plan rests on has moved, nothing is sent. Only one apply of a
 * project, target and account runs at a time, also across processes. Options:
 *   allow_drop   the plan may drop and replace; without it such a plan is refused before anything is sent; false
 *   lanes        the most statements side by side; 8
 * The result, also when it failed after something was sent (status SNOWMAKER_FAILED or SNOWMAKER_CANCELLED):
 *   {"success": true, "run": "…", "done": [0, 1], "failed": [{"step", "address", "role", "sql", "error",
 *    "kind", "code"}],
 *    "not_started": [2], "unsettled": ["address"], "drifted": ["address"], "diagnostics": [ … ]}
 * Applying again after a failure reads, plans again and continues. */
int32_t snowmaker_deployment_apply(
    snowmaker_deployment *deployment, snowmaker_plan *plan, const char *options, snowmaker_event_function on_event,
    void *user, char **result, char **problem);

/* Stops what the deployment is doing, from any thread: a plan ends at once; an apply starts nothing new, finishes what
 * runs and returns SNOWMAKER_CANCELLED. Does nothing when it does nothing. */
int32_t snowmaker_deployment_cancel(snowmaker_deployment *deployment);

/* Lets go of the deployment. When its plans are released too, logs out and, with the embedded emulator, stops it. Release it
 * when no other call on it is under way. */
void snowmaker_deployment_release(snowmaker_deployment *deployment);

/* ---- Plan ---- */

/* The plan as text: `format` is "json" (docs/embedding.md lists its keys), "text", "sql" or "markdown". */
int32_t snowmaker_plan_render(snowmaker_plan *plan, const char *format, char **text, char **problem);

/* Writes the plan to a file that `snowmaker apply FILE` and snowmaker_deployment_load_plan take. */
int32_t snowmaker_plan_save(snowmaker_plan *plan, const char *path, char **problem);

void snowmaker_plan_release(snowmaker_plan *plan);

#ifdef __cplusplus
}
#endif

#endif
