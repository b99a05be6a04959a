#include "CCrypto.h"

#include "library.h"

#include <limits.h>
#include <stdlib.h>

struct ccrypto_digest {
  EVP_MD_CTX *context;
};

int ccrypto_sha256(const void *bytes, size_t size, uint8_t *out) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  return f->EVP_Digest(bytes, size, out, NULL, f->EVP_sha256(), NULL) == 1 ? CCRYPTO_OK : CCRYPTO_FAILED;
}

int ccrypto_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, uint8_t *out) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  if (key_size > INT_MAX) return CCRYPTO_BAD_INPUT;
  static const uint8_t nothing = 0;
  unsigned int written = 0;
  const void *used = key != NULL ? key : &nothing;
  unsigned char *result = f->HMAC(f->EVP_sha256(), used, (int)key_size, bytes, size, out, &written);
  return result != NULL && written == CCRYPTO_SHA256_SIZE ? CCRYPTO_OK : CCRYPTO_FAILED;
}

ccrypto_digest *ccrypto_digest_new(void) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return NULL;
  ccrypto_digest *digest = calloc(1, sizeof *digest);
  if (digest == NULL) return NULL;
  digest->context = f->EVP_MD_CTX_new();
  if (digest->context == NULL || f->EVP_DigestInit_ex(digest->context, f->EVP_sha256(), NULL) != 1) {
    ccrypto_digest_free(digest);
    return NULL;
  }
  return digest;
}

int ccrypto_digest_update(ccrypto_digest *digest, const void *bytes, size_t size) {
  if (digest == NULL) return CCRYPTO_UNAVAILABLE;
  return ccrypto_library()->EVP_DigestUpdate(digest->context, bytes, size) == 1 ? CCRYPTO_OK : CCRYPTO_FAILED;
}

int ccrypto_digest_finish(ccrypto_digest *digest, uint8_t *out) {
  if (digest == NULL) return CCRYPTO_UNAVAILABLE;
  const ccrypto_functions *f = ccrypto_library();
  if (f->EVP_DigestFinal_ex(digest->context, out, NULL) != 1) return CCRYPTO_FAILED;
  return f->EVP_DigestInit_ex(digest->context, f->EVP_sha256(), NULL) == 1 ? CCRYPTO_OK : CCRYPTO_FAILED;
}

void ccrypto_digest_free(ccrypto_digest *digest) {
  if (digest == NULL) return;
  if (digest->context != NULL) ccrypto_library()->EVP_MD_CTX_free(digest->context);
  free(digest);
}

int ccrypto_random(void *out, size_t size) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  if (size > INT_MAX) return CCRYPTO_BAD_INPUT;
  return f->RAND_bytes(out, (int)size) == 1 ? CCRYPTO_OK : CCRYPTO_FAILED;
}

int ccrypto_equal(const void *a, const void *b, size_t size) {
  // Written out, so that comparing needs no library.
  const volatile uint8_t *left = a, *right = b;
  uint8_t difference = 0;
  for (size_t index = 0; index < size; index++) difference |= left[index] ^ right[index];
  return difference == 0;
}

void ccrypto_wipe(void *bytes, size_t size) {
  volatile uint8_t *cursor = bytes;
  while (size-- > 0) *cursor++ = 0;
}
