#define _GNU_SOURCE
#include "CMicroHTTPD.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct cmhd_front_door {
  int listener;
  uint16_t port, target;
  pthread_t thread;
  atomic_int stopping;
  pthread_mutex_t lock;
  pthread_cond_t empty;
  int live;
};

struct visit {
  cmhd_front_door *door;
  int client;
};

/// How long a wait lasts before it is looked whether the door closes, in milliseconds.
enum { TICK = 200, GREETING_LIMIT = 8192, PATIENCE = 30000 };

static int send_all(int to, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(to, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return 0;
    bytes += sent;
    length -= (size_t)sent;
  }
  return 1;
}

static void say(int client, const char *text) { send_all(client, text, strlen(text)); }

static int ends_with(const char *host, size_t length, const char *suffix) {
  size_t size = strlen(suffix);
  return length >= size && strncasecmp(host + length - size, suffix, size) == 0;
}

/// Whether the account emulator stands in for a host.
static int is_ours(const char *host, size_t length) {
  return ends_with(host, length, ".snowflakecomputing.com") || ends_with(host, length, ".snowflakecomputing.cn") ||
         (length == 9 && strncasecmp(host, "localhost", 9) == 0) || (length == 9 && memcmp(host, "127.0.0.1", 9) == 0);
}

/// Reads the request up to the empty line; the bytes after it are left in the socket.
static int read_greeting(cmhd_front_door *door, int client, char *buffer) {
  size_t length = 0;
  for (int waited = 0; waited < PATIENCE && !door->stopping;) {
    struct pollfd wait = {client, POLLIN, 0};
    int count = poll(&wait, 1, TICK);
    if (count == 0) waited += TICK;
    if (count <= 0) continue;
    // Only what belongs to the request is taken: what follows is for the other side.
    ssize_t seen = recv(client, buffer + length, GREETING_LIMIT - length, MSG_PEEK);
    if (seen <= 0) return 0;
    char *end = memmem(buffer, length + (size_t)seen, "\r\n\r\n", 4);
    size_t take = end != NULL ? (size_t)(end + 4 - buffer) - length : (size_t)seen;
    if (recv(client, buffer + length, take, 0) != (ssize_t)take) return 0;
    length += take;
    buffer[length] = 0;
    if (end != NULL) return 1;
    if (length >= GREETING_LIMIT) return 0;
  }
  return 0;
}

static int dial(uint16_t port) {
  int side = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  if (side >= 0 && connect(side, (struct sockaddr *)&address, sizeof address) != 0) {
    close(side);
    return -1;
  }
  int on = 1;
  if (side >= 0) setsockopt(side, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return side;
}

/// Passes bytes both ways until one side is done.
static void splice_sides(cmhd_front_door *door, int client, int server) {
  char buffer[65536];
  while (!door->stopping) {
    struct pollfd wait[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(wait, 2, TICK) <= 0) continue;
    for (int side = 0; side < 2; side++) {
      if (wait[side].revents == 0) continue;
      ssize_t count = recv(wait[side].fd, buffer, sizeof buffer, 0);
      if (count <= 0 || !send_all(side == 0 ? server : client, buffer, (size_t)count)) return;
    }
  }
}

static void serve(cmhd_front_door *door, int client) {
  char request[GREETING_LIMIT + 1];
  if (!read_greeting(door, client, request)) return;
  if (strncmp(request, "CONNECT ", 8) != 0) {
    say(client, "HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return;
  }
  const char *host = request + 8;
  size_t length = strcspn(host, ": \r\n");
  if (!is_ours(host, length)) {
    say(client, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return;
  }
  int server = dial(door->target);
  if (server < 0) {
    say(client, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return;
  }
  say(client, "HTTP/1.1 200 Connection established\r\n\r\n");
  splice_sides(door, client, server);
  close(server);
}

static void *visit_thread(void *argument) {
  struct visit *visit = argument;
  cmhd_front_door *door = visit->door;
  serve(door, visit->client);
  close(visit->client);
  free(visit);
  pthread_mutex_lock(&door->lock);
  if (--door->live == 0) pthread_cond_broadcast(&door->empty);
  pthread_mutex_unlock(&door->lock);
  return NULL;
}

static void admit(cmhd_front_door *door, int client) {
  int on = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct visit *visit = malloc(sizeof *visit);
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 512 * 1024);
  pthread_mutex_lock(&door->lock);
  door->live++;
  pthread_mutex_unlock(&door->lock);
  if (visit != NULL) *visit = (struct visit){door, client};
  if (visit == NULL || pthread_create(&thread, &attributes, visit_thread, visit) != 0) {
    free(visit);
    close(client);
    pthread_mutex_lock(&door->lock);
    door->live--;
    pthread_mutex_unlock(&door->lock);
  }
  pthread_attr_destroy(&attributes);
}

static void *accept_thread(void *argument) {
  cmhd_front_door *door = argument;
  while (!door->stopping) {
    struct pollfd wait = {door->listener, POLLIN, 0};
    if (poll(&wait, 1, TICK) <= 0) continue;
    int client = accept4(door->listener, NULL, NULL, SOCK_CLOEXEC);
    if (client >= 0) admit(door, client);
  }
  return NULL;
}

cmhd_front_door *cmhd_front_door_start(uint16_t port, uint16_t target, int *number) {
  cmhd_front_door *door = calloc(1, sizeof *door);
  if (door == NULL) {
    *number = ENOMEM;
    return NULL;
  }
  door->target = target;
  pthread_mutex_init(&door->lock, NULL);
  pthread_cond_init(&door->empty, NULL);
  door->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  int on = 1;
  if (door->listener >= 0) setsockopt(door->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (door->listener < 0 || bind(door->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(door->listener, 128) != 0 || getsockname(door->listener, (struct sockaddr *)&address, &size) != 0) {
    *number = errno;
    if (door->listener >= 0) close(door->listener);
    free(door);
    return NULL;
  }
  door->port = ntohs(address.sin_port);
  int failure = pthread_create(&door->thread, NULL, accept_thread, door);
  if (failure != 0) {
    *number = failure;
    close(door->listener);
    free(door);
    return NULL;
  }
  return door;
}

uint16_t cmhd_front_door_port(const cmhd_front_door *door) { return door->port; }

void cmhd_front_door_stop(cmhd_front_door *door) {
  door->stopping = 1;
  pthread_join(door->thread, NULL);
  close(door->listener);
  pthread_mutex_lock(&door->lock);
  while (door->live > 0) pthread_cond_wait(&door->empty, &door->lock);
  pthread_mutex_unlock(&door->lock);
  pthread_cond_destroy(&door->empty);
  pthread_mutex_destroy(&door->lock);
  free(door);
}
