#define _GNU_SOURCE
#include "chost_image.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>

const char *chost_own_library(void) {
  Dl_info info;
  struct link_map *map = NULL;
  if (dladdr1((const void *)(void (*)(void))chost_own_library, &info, (void **)&map, RTLD_DL_LINKMAP) == 0) return NULL;
  // The program's own entry in the loader's list has no name.
  return map != NULL && map->l_name != NULL && map->l_name[0] != '\0' ? map->l_name : NULL;
}
