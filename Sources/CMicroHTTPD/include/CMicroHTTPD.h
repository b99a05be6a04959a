// An HTTP/1.1 server on loopback and gzip, over libmicrohttpd and zlib. Both libraries are opened on first use, so
// that a program which serves nothing does not pay for loading them.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A running listener.
typedef struct cmhd_server cmhd_server;
/// One request that waits for its answer; valid until the handler returns.
typedef struct cmhd_exchange cmhd_exchange;
/// Answers one request by calling `cmhd_answer` once. Called on a thread of the connection's own; may block.
typedef void (*cmhd_handler)(void *context, cmhd_exchange *exchange);

/// How an answer leaves.
enum cmhd_delivery {
  /// Whole.
  CMHD_WHOLE = 0,
  /// Its header and half of its body, then the connection is closed.
  CMHD_TRUNCATED = 1,
  /// Not at all: the connection is reset.
  CMHD_RESET = 2,
  /// Its header and half of its body, then this process is killed.
  CMHD_KILLING = 3,
};

/// What `cmhd_start` cannot do.
enum cmhd_failure {
  CMHD_NO_LIBRARY = 1,
  CMHD_NO_LISTENER = 2,
  CMHD_NO_MEMORY = 3,
  /// libmicrohttpd was built without TLS.
  CMHD_NO_TLS = 4,
};

/// Listens on 127.0.0.1:`port` (0: a free port). A body over `body_limit` bytes is refused with 413. On failure
/// returns NULL with a `cmhd_failure` in `*failure` and errno in `*number`. With `certificate` (PEM, the chain) and
/// `key` (PEM) it speaks HTTPS; both are copied.
cmhd_server *cmhd_start(uint16_t port, unsigned connections, size_t body_limit, const char *certificate,
                        const char *key, cmhd_handler handler, void *context, int *failure, int *number);
/// The port it listens on.
uint16_t cmhd_port(const cmhd_server *server);
/// Closes all connections, waits until no handler runs, and frees the listener.
void cmhd_stop(cmhd_server *server);
/// Why libmicrohttpd or zlib could not be opened; empty when they were.
const char *cmhd_library_error(void);

const char *cmhd_method(const cmhd_exchange *exchange);
/// The path, percent-decoded.
const char *cmhd_path(const cmhd_exchange *exchange);
/// A header by name (any case), NULL when absent.
const char *cmhd_header(const cmhd_exchange *exchange, const char *name);
/// A query argument, percent-decoded, NULL when absent.
const char *cmhd_argument(const cmhd_exchange *exchange, const char *name);
/// Adds a header to the answer; call it before `cmhd_answer`. Only so many as fit (16) are sent.
void cmhd_add_header(cmhd_exchange *exchange, const char *name, const char *value);
const uint8_t *cmhd_body(const cmhd_exchange *exchange, size_t *length);
/// Sends the answer (the bytes are copied). `encoding` is the Content-Encoding or NULL. Returns 0, or -1 when the
/// library refused it.
int cmhd_answer(cmhd_exchange *exchange, unsigned status, const char *content_type, const char *encoding,
                const uint8_t *bytes, size_t length, int delivery);

/// A proxy that knows one way: it answers CONNECT to Snowflake's and loopback host names with 200 and passes
/// everything on to 127.0.0.1:`target`; whatever else is asked is refused.
typedef struct cmhd_front_door cmhd_front_door;
/// Listens on 127.0.0.1:`port` (0: a free port). NULL with errno in `*number` when it cannot.
cmhd_front_door *cmhd_front_door_start(uint16_t port, uint16_t target, int *number);
uint16_t cmhd_front_door_port(const cmhd_front_door *door);
/// Closes all connections and frees the proxy.
void cmhd_front_door_stop(cmhd_front_door *door);

/// Results of the two below.
enum cmhd_gzip_result {
  CMHD_GZIP_OK = 0,
  CMHD_GZIP_BAD_DATA = 1,
  CMHD_GZIP_TOO_LARGE = 2,
  CMHD_GZIP_NO_MEMORY = 3,
  CMHD_GZIP_NO_LIBRARY = 4,
};
/// Compresses to a gzip member in memory of malloc.
int cmhd_gzip(const uint8_t *bytes, size_t length, int level, uint8_t **out, size_t *out_length);
/// Expands a gzip or zlib stream to at most `limit` bytes in memory of malloc.
int cmhd_gunzip(const uint8_t *bytes, size_t length, size_t limit, uint8_t **out, size_t *out_length);

#ifdef __cplusplus
}
#endif
