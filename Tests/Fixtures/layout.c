/* Prints everything of snowmaker_plugin.h that a built plugin relies on: sizes, offsets, numbers and names. Compiled as
 * C and as C++; the output must be Tests/Golden/abi-1.txt, which never changes but for lines that are added. */
#include "snowmaker_plugin.h"

#include <stdio.h>

#define FIELD(type, field) \
  printf(#type "." #field " offset %zu size %zu\n", offsetof(type, field), sizeof(((type *)0)->field))
#define NUMBER(name) printf(#name " = %ld\n", (long)(name))

static snowmaker_status answer(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                               const snowmaker_reply_v1 *reply) {
  (void)ctx, (void)method, (void)request, (void)reply;
  return SNOWMAKER_UNSUPPORTED;
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, NULL, answer, NULL};

SNOWMAKER_PLUGIN(layout) {
  (void)host;
  return &peer;
}

int main(void) {
  snowmaker_entry_v1 entry = snowmaker_layout_entry;
  printf("entry answers %s\n", entry(NULL) == &peer ? "the peer" : "something else");
  printf("note magic %.7s abi %u swift_runtime %u\n", snowmaker_note.magic, (unsigned)snowmaker_note.abi,
         (unsigned)snowmaker_note.swift_runtime);
  printf("functions extension %s\n", SNOWMAKER_FUNCTIONS);

  FIELD(snowmaker_bytes_v1, ptr);
  FIELD(snowmaker_bytes_v1, len);
  FIELD(snowmaker_reply_v1, ctx);
  FIELD(snowmaker_reply_v1, emit);
  FIELD(snowmaker_peer_v1, abi);
  FIELD(snowmaker_peer_v1, flags);
  FIELD(snowmaker_peer_v1, ctx);
  FIELD(snowmaker_peer_v1, call);
  FIELD(snowmaker_peer_v1, extension);
  FIELD(snowmaker_function_v1, name);
  FIELD(snowmaker_function_v1, signature);
  FIELD(snowmaker_function_v1, address);
  FIELD(snowmaker_functions_v1, count);
  FIELD(snowmaker_functions_v1, items);
  FIELD(snowmaker_note_v1, magic);
  FIELD(snowmaker_note_v1, abi);
  FIELD(snowmaker_note_v1, swift_runtime);
  printf("snowmaker_bytes_v1 size %zu\n", sizeof(snowmaker_bytes_v1));
  printf("snowmaker_reply_v1 size %zu\n", sizeof(snowmaker_reply_v1));
  printf("snowmaker_peer_v1 size %zu\n", sizeof(snowmaker_peer_v1));
  printf("snowmaker_function_v1 size %zu\n", sizeof(snowmaker_function_v1));
  printf("snowmaker_functions_v1 size %zu\n", sizeof(snowmaker_functions_v1));
  printf("snowmaker_note_v1 size %zu\n", sizeof(snowmaker_note_v1));
  printf("snowmaker_status size %zu\n", sizeof(snowmaker_status));
  printf("snowmaker_method size %zu\n", sizeof(snowmaker_method));

  NUMBER(SNOWMAKER_ABI);
  NUMBER(SNOWMAKER_SERIAL);
  NUMBER(SNOWMAKER_RESULT);
  NUMBER(SNOWMAKER_EVENT);
  NUMBER(SNOWMAKER_OK);
  NUMBER(SNOWMAKER_FAILED);
  NUMBER(SNOWMAKER_UNSUPPORTED);
  NUMBER(SNOWMAKER_MALFORMED);
  NUMBER(SNOWMAKER_CANCELLED);
  NUMBER(SNOWMAKER_PANIC);
  NUMBER(SNOWMAKER_DESCRIBE);
  NUMBER(SNOWMAKER_VALIDATE);
  NUMBER(SNOWMAKER_EXPAND);
  NUMBER(SNOWMAKER_READ);
  NUMBER(SNOWMAKER_PLAN);
  NUMBER(SNOWMAKER_CHECK);
  NUMBER(SNOWMAKER_UPGRADE);
  NUMBER(SNOWMAKER_FUNCTION);
  NUMBER(SNOWMAKER_APPLY);
  NUMBER(SNOWMAKER_SHUTDOWN);
  NUMBER(SNOWMAKER_LOG);
  NUMBER(SNOWMAKER_QUERY);
  NUMBER(SNOWMAKER_PROGRESS);
  return 0;
}
