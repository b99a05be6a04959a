#include "CMicroHTTPD.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

// MARK: The library

static struct {
  __typeof__(&MHD_start_daemon) start_daemon;
  __typeof__(&MHD_stop_daemon) stop_daemon;
  __typeof__(&MHD_get_daemon_info) get_daemon_info;
  __typeof__(&MHD_get_connection_info) get_connection_info;
  __typeof__(&MHD_queue_response) queue_response;
  __typeof__(&MHD_create_response_from_buffer) response_from_buffer;
  __typeof__(&MHD_create_response_from_callback) response_from_callback;
  __typeof__(&MHD_destroy_response) destroy_response;
  __typeof__(&MHD_add_response_header) add_response_header;
  __typeof__(&MHD_lookup_connection_value) lookup_value;
  __typeof__(&MHD_is_feature_supported) is_feature_supported;
} mhd;

static pthread_once_t mhd_once = PTHREAD_ONCE_INIT;
static int mhd_loaded = 0;
char cmhd_error_text[256];

static void load_mhd(void) {
  void *library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(cmhd_error_text, sizeof cmhd_error_text, "%s", dlerror());
    return;
  }
  int complete = 1;
#define RESOLVE(field, symbol)                                                                       \
  mhd.field = (__typeof__(mhd.field))dlsym(library, symbol);                                         \
  if (!mhd.field) {                                                                                  \
    snprintf(cmhd_error_text, sizeof cmhd_error_text, "libmicrohttpd.so.12 has no %s", symbol);      \
    complete = 0;                                                                                    \
  }
  RESOLVE(start_daemon, "MHD_start_daemon")
  RESOLVE(stop_daemon, "MHD_stop_daemon")
  RESOLVE(get_daemon_info, "MHD_get_daemon_info")
  RESOLVE(get_connection_info, "MHD_get_connection_info")
  RESOLVE(queue_response, "MHD_queue_response")
  RESOLVE(response_from_buffer, "MHD_create_response_from_buffer")
  RESOLVE(response_from_callback, "MHD_create_response_from_callback")
  RESOLVE(destroy_response, "MHD_destroy_response")
  RESOLVE(add_response_header, "MHD_add_response_header")
  RESOLVE(lookup_value, "MHD_lookup_connection_value")
  RESOLVE(is_feature_supported, "MHD_is_feature_supported")
#undef RESOLVE
  mhd_loaded = complete;
}

const char *cmhd_library_error(void) { return cmhd_error_text; }

// MARK: Requests

struct cmhd_server {
  struct MHD_Daemon *daemon;
  cmhd_handler handler;
  void *context;
  size_t body_limit;
  char *certificate, *key;
  uint16_t port;
};

#define MAX_HEADERS 16

/// The body of one request while it arrives.
struct upload {
  uint8_t *bytes;
  size_t length, capacity;
  int refused;
};

struct cmhd_exchange {
  struct MHD_Connection *connection;
  const char *method, *path;
  const struct upload *upload;
  enum MHD_Result result;
  int answered;
  int header_count;
  struct {
    char *name, *value;
  } headers[MAX_HEADERS];
};

/// Adds bytes to a body; marks it refused when it gets too long.
static void append(struct upload *upload, const char *bytes, size_t length, size_t limit) {
  if (upload->refused) return;
  if (length > limit - upload->length) {
    upload->refused = 1;
    return;
  }
  if (upload->length + length > upload->capacity) {
    size_t capacity = upload->capacity ? upload->capacity * 2 : 4096;
    while (capacity < upload->length + length) capacity *= 2;
    uint8_t *grown = realloc(upload->bytes, capacity);
    if (!grown) {
      upload->refused = 1;
      return;
    }
    upload->bytes = grown;
    upload->capacity = capacity;
  }
  memcpy(upload->bytes + upload->length, bytes, length);
  upload->length += length;
}

static enum MHD_Result accept_request(void *cls, struct MHD_Connection *connection, const char *url,
                                      const char *method, const char *version, const char *data, size_t *data_length,
                                      void **request) {
  (void)version;
  cmhd_server *server = cls;
  struct upload *upload = *request;
  if (!upload) {
    *request = calloc(1, sizeof(struct upload));
    return *request ? MHD_YES : MHD_NO;
  }
  if (*data_length > 0) {
    append(upload, data, *data_length, server->body_limit);
    *data_length = 0;
    return MHD_YES;
  }
  cmhd_exchange exchange = {.connection = connection, .method = method, .path = url, .upload = upload, .result = MHD_NO};
  if (upload->refused) {
    static const char too_large[] =
        "{\"data\":null,\"code\":\"390400\",\"message\":\"Bad request: the body is too large.\",\"success\":false,"
        "\"headers\":null}";
    cmhd_answer(&exchange, 413, "application/json", NULL, (const uint8_t *)too_large, sizeof too_large - 1, CMHD_WHOLE);
    return exchange.result;
  }
  server->handler(server->context, &exchange);
  for (int index = 0; index < exchange.header_count; index++) {
    free(exchange.headers[index].name);
    free(exchange.headers[index].value);
  }
  return exchange.result;
}

static void end_request(void *cls, struct MHD_Connection *connection, void **request,
                        enum MHD_RequestTerminationCode code) {
  (void)cls;
  (void)connection;
  (void)code;
  struct upload *upload = *request;
  if (upload) {
    free(upload->bytes);
    free(upload);
  }
  *request = NULL;
}

const char *cmhd_method(const cmhd_exchange *exchange) { return exchange->method; }
const char *cmhd_path(const cmhd_exchange *exchange) { return exchange->path; }

const char *cmhd_header(const cmhd_exchange *exchange, const char *name) {
  return mhd.lookup_value(exchange->connection, MHD_HEADER_KIND, name);
}

const char *cmhd_argument(const cmhd_exchange *exchange, const char *name) {
  return mhd.lookup_value(exchange->connection, MHD_GET_ARGUMENT_KIND, name);
}

void cmhd_add_header(cmhd_exchange *exchange, const char *name, const char *value) {
  if (exchange->header_count >= MAX_HEADERS) return;
  char *own_name = strdup(name);
  char *own_value = strdup(value);
  if (!own_name || !own_value) {
    free(own_name);
    free(own_value);
    return;
  }
  exchange->headers[exchange->header_count].name = own_name;
  exchange->headers[exchange->header_count].value = own_value;
  exchange->header_count++;
}

const uint8_t *cmhd_body(const cmhd_exchange *exchange, size_t *length) {
  *length = exchange->upload->length;
  return exchange->upload->bytes;
}

// MARK: Answers

/// The part of a truncated answer that is sent.
struct part {
  size_t length;
  int kills;
  uint8_t bytes[];
};

static ssize_t read_part(void *cls, uint64_t position, char *buffer, size_t capacity) {
  const struct part *part = cls;
  if (position >= part->length) {
    if (part->kills) raise(SIGKILL);
    return MHD_CONTENT_READER_END_WITH_ERROR;
  }
  size_t length = part->length - (size_t)position;
  if (length > capacity) length = capacity;
  memcpy(buffer, part->bytes + position, length);
  return (ssize_t)length;
}

static struct MHD_Response *truncated_response(const uint8_t *bytes, size_t length, int kills) {
  size_t sent = length / 2;
  struct part *part = malloc(sizeof(struct part) + sent);
  if (!part) return NULL;
  part->length = sent;
  part->kills = kills;
  memcpy(part->bytes, bytes, sent);
  struct MHD_Response *response = mhd.response_from_callback(length, 16384, read_part, part, free);
  if (!response) free(part);
  return response;
}

/// Makes the close that follows send RST instead of FIN.
static void reset_on_close(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (!info) return;
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

int cmhd_answer(cmhd_exchange *exchange, unsigned status, const char *content_type, const char *encoding,
                const uint8_t *bytes, size_t length, int delivery) {
  if (exchange->answered) return -1;
  exchange->answered = 1;
  if (delivery == CMHD_RESET) {
    reset_on_close(exchange->connection);
    exchange->result = MHD_NO;
    return 0;
  }
  struct MHD_Response *response = delivery == CMHD_TRUNCATED || delivery == CMHD_KILLING
                                      ? truncated_response(bytes, length, delivery == CMHD_KILLING)
                                      : mhd.response_from_buffer(length, (void *)bytes, MHD_RESPMEM_MUST_COPY);
  if (!response) return -1;
  if (content_type) mhd.add_response_header(response, "Content-Type", content_type);
  if (encoding) mhd.add_response_header(response, "Content-Encoding", encoding);
  for (int index = 0; index < exchange->header_count; index++) {
    mhd.add_response_header(response, exchange->headers[index].name, exchange->headers[index].value);
  }
  exchange->result = mhd.queue_response(exchange->connection, status, response);
  mhd.destroy_response(response);
  return exchange->result == MHD_YES ? 0 : -1;
}

// MARK: Listening

static void set_no_delay(void *cls, struct MHD_Connection *connection, void **socket_context,
                         enum MHD_ConnectionNotificationCode code) {
  (void)cls;
  (void)socket_context;
  if (code != MHD_CONNECTION_NOTIFY_STARTED) return;
  const union MHD_ConnectionInfo *info = mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (!info) return;
  int on = 1;
  setsockopt(info->connect_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void free_server(cmhd_server *server) {
  free(server->certificate);
  if (server->key) memset(server->key, 0, strlen(server->key));
  free(server->key);
  free(server);
}

cmhd_server *cmhd_start(uint16_t port, unsigned connections, size_t body_limit, const char *certificate,
                        const char *key, cmhd_handler handler, void *context, int *failure, int *number) {
  *number = 0;
  pthread_once(&mhd_once, load_mhd);
  if (!mhd_loaded) {
    *failure = CMHD_NO_LIBRARY;
    return NULL;
  }
  if (certificate && mhd.is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
    *failure = CMHD_NO_TLS;
    return NULL;
  }
  cmhd_server *server = calloc(1, sizeof *server);
  *failure = CMHD_NO_MEMORY;
  if (!server) return NULL;
  server->handler = handler;
  server->context = context;
  server->body_limit = body_limit;
  if (certificate) {
    server->certificate = strdup(certificate);
    server->key = strdup(key);
    if (!server->certificate || !server->key) {
      free_server(server);
      return NULL;
    }
  }
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate},
                                 {MHD_OPTION_HTTPS_MEM_KEY, 0, server->key},
                                 {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
  errno = 0;
  server->daemon = mhd.start_daemon(
      MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC |
          (certificate ? MHD_USE_TLS : 0),
      port, NULL, NULL, accept_request, server, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
      MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(128 * 1024),
      MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL, MHD_OPTION_NOTIFY_CONNECTION, set_no_delay, NULL,
      MHD_OPTION_THREAD_STACK_SIZE, (size_t)(2 << 20), MHD_OPTION_LISTEN_BACKLOG_SIZE, 256u, MHD_OPTION_ARRAY,
      certificate ? tls : none, MHD_OPTION_END);
  if (!server->daemon) {
    *number = errno;
    *failure = CMHD_NO_LISTENER;
    free_server(server);
    return NULL;
  }
  const union MHD_DaemonInfo *info = mhd.get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
  server->port = info && info->port ? info->port : port;
  return server;
}

uint16_t cmhd_port(const cmhd_server *server) { return server->port; }

void cmhd_stop(cmhd_server *server) {
  mhd.stop_daemon(server->daemon);
  free_server(server);
}
