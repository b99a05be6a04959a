#include "CCrypto.h"

#include "library.h"

int ccrypto_ed25519_public(const uint8_t *private_key, uint8_t *public_key) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  EVP_PKEY *key = f->EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, CCRYPTO_ED25519_KEY_SIZE);
  if (key == NULL) return CCRYPTO_FAILED;
  size_t size = CCRYPTO_ED25519_KEY_SIZE;
  const int done = f->EVP_PKEY_get_raw_public_key(key, public_key, &size);
  f->EVP_PKEY_free(key);
  return done == 1 && size == CCRYPTO_ED25519_KEY_SIZE ? CCRYPTO_OK : CCRYPTO_FAILED;
}

int ccrypto_ed25519_sign(const uint8_t *private_key, const void *bytes, size_t size, uint8_t *signature) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  EVP_PKEY *key = f->EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, CCRYPTO_ED25519_KEY_SIZE);
  EVP_MD_CTX *context = f->EVP_MD_CTX_new();
  size_t written = CCRYPTO_ED25519_SIGNATURE_SIZE;
  const int done = key != NULL && context != NULL && f->EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                   f->EVP_DigestSign(context, signature, &written, bytes, size) == 1 &&
                   written == CCRYPTO_ED25519_SIGNATURE_SIZE;
  if (context != NULL) f->EVP_MD_CTX_free(context);
  if (key != NULL) f->EVP_PKEY_free(key);
  return done ? CCRYPTO_OK : CCRYPTO_FAILED;
}

int ccrypto_ed25519_verify(const uint8_t *public_key, const void *bytes, size_t size, const uint8_t *signature) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  EVP_PKEY *key = f->EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, CCRYPTO_ED25519_KEY_SIZE);
  EVP_MD_CTX *context = f->EVP_MD_CTX_new();
  int status = CCRYPTO_FAILED;
  if (key != NULL && context != NULL && f->EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1) {
    const int right = f->EVP_DigestVerify(context, signature, CCRYPTO_ED25519_SIGNATURE_SIZE, bytes, size);
    status = right == 1 ? CCRYPTO_OK : CCRYPTO_BAD_SIGNATURE;
  }
  // What a wrong signature leaves in this thread's error queue is nobody's business.
  f->ERR_clear_error();
  if (context != NULL) f->EVP_MD_CTX_free(context);
  if (key != NULL) f->EVP_PKEY_free(key);
  return status;
}
