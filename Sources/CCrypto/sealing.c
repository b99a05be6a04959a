#include "CCrypto.h"
#include "library.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

int ccrypto_scrypt(
    const void *passphrase, size_t passphrase_size, const void *salt, size_t salt_size, uint64_t n, uint32_t r,
    uint32_t p, uint8_t *out, size_t size) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  // 128 * n * r bytes are needed; more than 256 MiB is refused, so that a forged file cannot exhaust the memory.
  if (n < 2 || n > (1u << 20) || r < 1 || r > 32 || p < 1 || p > 16 || 128 * n * r > (256u << 20)) {
    return CCRYPTO_BAD_INPUT;
  }
  EVP_KDF *kdf = f->EVP_KDF_fetch(NULL, "SCRYPT", NULL);
  if (kdf == NULL) return CCRYPTO_FAILED;
  EVP_KDF_CTX *context = f->EVP_KDF_CTX_new(kdf);
  f->EVP_KDF_free(kdf);
  if (context == NULL) return CCRYPTO_FAILED;
  uint64_t limit = 320u << 20;
  OSSL_PARAM parameters[] = {
      {OSSL_KDF_PARAM_PASSWORD, OSSL_PARAM_OCTET_STRING, (void *)passphrase, passphrase_size, OSSL_PARAM_UNMODIFIED},
      {OSSL_KDF_PARAM_SALT, OSSL_PARAM_OCTET_STRING, (void *)salt, salt_size, OSSL_PARAM_UNMODIFIED},
      {OSSL_KDF_PARAM_SCRYPT_N, OSSL_PARAM_UNSIGNED_INTEGER, &n, sizeof n, OSSL_PARAM_UNMODIFIED},
      {OSSL_KDF_PARAM_SCRYPT_R, OSSL_PARAM_UNSIGNED_INTEGER, &r, sizeof r, OSSL_PARAM_UNMODIFIED},
      {OSSL_KDF_PARAM_SCRYPT_P, OSSL_PARAM_UNSIGNED_INTEGER, &p, sizeof p, OSSL_PARAM_UNMODIFIED},
      {OSSL_KDF_PARAM_SCRYPT_MAXMEM, OSSL_PARAM_UNSIGNED_INTEGER, &limit, sizeof limit, OSSL_PARAM_UNMODIFIED},
      {NULL, 0, NULL, 0, 0},
  };
  int done = f->EVP_KDF_derive(context, out, size, parameters);
  f->EVP_KDF_CTX_free(context);
  f->ERR_clear_error();
  return done > 0 ? CCRYPTO_OK : CCRYPTO_FAILED;
}

enum { tag_size = CCRYPTO_GCM_TAG_SIZE };

int ccrypto_aes256gcm_seal(
    const uint8_t *key, const uint8_t *nonce, const void *context, size_t context_size, const void *bytes, size_t size,
    uint8_t *out) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  if (size > INT_MAX || context_size > INT_MAX) return CCRYPTO_BAD_INPUT;
  EVP_CIPHER_CTX *cipher = f->EVP_CIPHER_CTX_new();
  int written = 0, rest = 0, skipped = 0;
  int done = cipher != NULL && f->EVP_EncryptInit_ex(cipher, f->EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
             f->EVP_EncryptUpdate(cipher, NULL, &skipped, context, (int)context_size) == 1 &&
             f->EVP_EncryptUpdate(cipher, out, &written, bytes, (int)size) == 1 &&
             f->EVP_EncryptFinal_ex(cipher, out + written, &rest) == 1 &&
             f->EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, tag_size, out + size) == 1;
  f->EVP_CIPHER_CTX_free(cipher);
  f->ERR_clear_error();
  return done ? CCRYPTO_OK : CCRYPTO_FAILED;
}

int ccrypto_aes256gcm_open(
    const uint8_t *key, const uint8_t *nonce, const void *context, size_t context_size, const uint8_t *sealed,
    size_t size, uint8_t *out) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  if (size < tag_size || size > INT_MAX || context_size > INT_MAX) return CCRYPTO_BAD_INPUT;
  size_t length = size - tag_size;
  uint8_t tag[tag_size];
  memcpy(tag, sealed + length, tag_size);
  EVP_CIPHER_CTX *cipher = f->EVP_CIPHER_CTX_new();
  int written = 0, rest = 0, skipped = 0;
  int ready = cipher != NULL && f->EVP_DecryptInit_ex(cipher, f->EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
              f->EVP_DecryptUpdate(cipher, NULL, &skipped, context, (int)context_size) == 1 &&
              f->EVP_DecryptUpdate(cipher, out, &written, sealed, (int)length) == 1 &&
              f->EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, tag_size, tag) == 1;
  int matches = ready && f->EVP_DecryptFinal_ex(cipher, out + written, &rest) == 1;
  f->EVP_CIPHER_CTX_free(cipher);
  f->ERR_clear_error();
  if (!ready) return CCRYPTO_FAILED;
  if (!matches) {
    ccrypto_wipe(out, length);
    return CCRYPTO_BAD_PASSPHRASE;
  }
  return CCRYPTO_OK;
}
