#define _GNU_SOURCE
#include "CCrypto.h"
#include "library.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct ccrypto_key {
  EVP_PKEY *key;
};

/// What OpenSSL asks for a passphrase with: `asked` tells whether the key turned out to be encrypted.
typedef struct {
  const char *text;
  size_t size;
  int asked;
} passphrase_request;

static int give_passphrase(char *out, int room, int writing, void *context) {
  (void)writing;
  passphrase_request *request = context;
  request->asked = 1;
  if (request->text == NULL || room < 0 || request->size > (size_t)room) return -1;
  memcpy(out, request->text, request->size);
  return (int)request->size;
}

static int wrap(const ccrypto_functions *f, EVP_PKEY *found, ccrypto_key **key) {
  if (f->EVP_PKEY_get_base_id(found) != EVP_PKEY_RSA) {
    f->EVP_PKEY_free(found);
    return CCRYPTO_NOT_RSA;
  }
  *key = calloc(1, sizeof **key);
  if (*key == NULL) {
    f->EVP_PKEY_free(found);
    return CCRYPTO_FAILED;
  }
  (*key)->key = found;
  return CCRYPTO_OK;
}

static int is_space(uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

static int sextet(uint8_t byte) {
  if (byte >= 'A' && byte <= 'Z') return byte - 'A';
  if (byte >= 'a' && byte <= 'z') return byte - 'a' + 26;
  if (byte >= '0' && byte <= '9') return byte - '0' + 52;
  if (byte == '+' || byte == '-') return 62;
  if (byte == '/' || byte == '_') return 63;
  return -1;
}

/// Decodes base64 (white space allowed) into new memory; NULL when it is not base64.
static uint8_t *from_base64(const uint8_t *text, size_t size, size_t *written) {
  uint8_t *out = malloc(size / 4 * 3 + 3);
  if (out == NULL) return NULL;
  uint32_t bits = 0;
  int count = 0;
  size_t length = 0;
  int padded = 0;
  for (size_t index = 0; index < size; index++) {
    if (is_space(text[index])) continue;
    if (text[index] == '=') {
      padded = 1;
      continue;
    }
    int value = sextet(text[index]);
    if (value < 0 || padded) {
      ccrypto_wipe(out, length);
      free(out);
      return NULL;
    }
    bits = bits << 6 | (uint32_t)value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out[length++] = (uint8_t)(bits >> count);
    }
  }
  *written = length;
  return out;
}

static const char pem_mark[] = "-----BEGIN ";

static int is_pem(const uint8_t *bytes, size_t size) {
  return size >= sizeof pem_mark - 1 && memmem(bytes, size, pem_mark, sizeof pem_mark - 1) != NULL;
}

static int load_private_der(
    const ccrypto_functions *f, const uint8_t *bytes, size_t size, passphrase_request *request, ccrypto_key **key) {
  const unsigned char *cursor = bytes;
  EVP_PKEY *found = f->d2i_AutoPrivateKey(NULL, &cursor, (long)size);
  if (found != NULL) return wrap(f, found, key);
  BIO *input = f->BIO_new_mem_buf(bytes, (int)size);
  if (input == NULL) return CCRYPTO_FAILED;
  found = f->d2i_PKCS8PrivateKey_bio(input, NULL, give_passphrase, request);
  f->BIO_free(input);
  return found != NULL ? wrap(f, found, key) : CCRYPTO_BAD_INPUT;
}

static int load_private_pem(
    const ccrypto_functions *f, const uint8_t *bytes, size_t size, passphrase_request *request, ccrypto_key **key) {
  BIO *input = f->BIO_new_mem_buf(bytes, (int)size);
  if (input == NULL) return CCRYPTO_FAILED;
  EVP_PKEY *found = f->PEM_read_bio_PrivateKey(input, NULL, give_passphrase, request);
  f->BIO_free(input);
  return found != NULL ? wrap(f, found, key) : CCRYPTO_BAD_INPUT;
}

int ccrypto_private_key_load(
    const void *bytes, size_t size, const char *passphrase, size_t passphrase_size, ccrypto_key **key) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  *key = NULL;
  if (bytes == NULL || size == 0 || size > INT_MAX) return CCRYPTO_BAD_INPUT;
  f->ERR_clear_error();
  passphrase_request request = {passphrase, passphrase_size, 0};
  int status;
  if (is_pem(bytes, size)) {
    status = load_private_pem(f, bytes, size, &request, key);
  } else if (((const uint8_t *)bytes)[0] == 0x30 && size > 2 && ((const uint8_t *)bytes)[1] >= 0x80) {
    status = load_private_der(f, bytes, size, &request, key);
  } else {
    size_t length = 0;
    uint8_t *der = from_base64(bytes, size, &length);
    if (der == NULL) return CCRYPTO_BAD_INPUT;
    status = length > 0 ? load_private_der(f, der, length, &request, key) : CCRYPTO_BAD_INPUT;
    ccrypto_wipe(der, length);
    free(der);
  }
  f->ERR_clear_error();
  if (status == CCRYPTO_BAD_INPUT && request.asked) {
    return passphrase == NULL ? CCRYPTO_PASSPHRASE_NEEDED : CCRYPTO_BAD_PASSPHRASE;
  }
  return status;
}

int ccrypto_public_key_load(const void *bytes, size_t size, ccrypto_key **key) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  *key = NULL;
  if (bytes == NULL || size == 0 || size > INT_MAX) return CCRYPTO_BAD_INPUT;
  f->ERR_clear_error();
  EVP_PKEY *found = NULL;
  if (is_pem(bytes, size)) {
    BIO *input = f->BIO_new_mem_buf(bytes, (int)size);
    if (input == NULL) return CCRYPTO_FAILED;
    found = f->PEM_read_bio_PUBKEY(input, NULL, NULL, NULL);
    f->BIO_free(input);
  } else if (((const uint8_t *)bytes)[0] == 0x30 && size > 2 && ((const uint8_t *)bytes)[1] >= 0x80) {
    const unsigned char *cursor = bytes;
    found = f->d2i_PUBKEY(NULL, &cursor, (long)size);
  } else {
    size_t length = 0;
    uint8_t *der = from_base64(bytes, size, &length);
    if (der == NULL) return CCRYPTO_BAD_INPUT;
    const unsigned char *cursor = der;
    found = f->d2i_PUBKEY(NULL, &cursor, (long)length);
    free(der);
  }
  f->ERR_clear_error();
  return found != NULL ? wrap(f, found, key) : CCRYPTO_BAD_INPUT;
}

int ccrypto_key_generate(int bits, ccrypto_key **key) {
  const ccrypto_functions *f = ccrypto_library();
  if (f == NULL) return CCRYPTO_UNAVAILABLE;
  *key = NULL;
  if (bits < 2048 || bits > 16384) return CCRYPTO_BAD_INPUT;
  EVP_PKEY_CTX *context = f->EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
  EVP_PKEY *made = NULL;
  int done = context != NULL && f->EVP_PKEY_keygen_init(context) > 0 &&
             f->EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) > 0 && f->EVP_PKEY_keygen(context, &made) > 0;
  f->EVP_PKEY_CTX_free(context);
  return done ? wrap(f, made, key) : CCRYPTO_FAILED;
}

void ccrypto_key_free(ccrypto_key *key) {
  if (key == NULL) return;
  ccrypto_library()->EVP_PKEY_free(key->key);
  free(key);
}

int ccrypto_key_bits(const ccrypto_key *key) { return key != NULL ? ccrypto_library()->EVP_PKEY_get_bits(key->key) : 0; }

static int hand_out(const void *bytes, size_t length, uint8_t *out, size_t *size) {
  size_t room = *size;
  *size = length;
  if (out == NULL || room < length) return CCRYPTO_TOO_SMALL;
  memcpy(out, bytes, length);
  return CCRYPTO_OK;
}

int ccrypto_key_public_der(const ccrypto_key *key, uint8_t *out, size_t *size) {
  if (key == NULL) return CCRYPTO_BAD_INPUT;
  const ccrypto_functions *f = ccrypto_library();
  unsigned char *der = NULL;
  int length = f->i2d_PUBKEY(key->key, &der);
  if (length <= 0) return CCRYPTO_FAILED;
  int status = hand_out(der, (size_t)length, out, size);
  f->CRYPTO_free(der, __FILE__, __LINE__);
  return status;
}

int ccrypto_private_key_export(
    const ccrypto_key *key, int form, const char *passphrase, size_t passphrase_size, uint8_t *out, size_t *size) {
  if (key == NULL || passphrase_size > INT_MAX) return CCRYPTO_BAD_INPUT;
  const ccrypto_functions *f = ccrypto_library();
  if (form == CCRYPTO_DER_PKCS1) {
    if (passphrase != NULL) return CCRYPTO_BAD_INPUT;
    unsigned char *der = NULL;
    int length = f->i2d_PrivateKey(key->key, &der);
    if (length <= 0) return CCRYPTO_FAILED;
    int status = hand_out(der, (size_t)length, out, size);
    f->OPENSSL_cleanse(der, (size_t)length);
    f->CRYPTO_free(der, __FILE__, __LINE__);
    return status;
  }
  BIO *output = f->BIO_new(f->BIO_s_mem());
  if (output == NULL) return CCRYPTO_FAILED;
  const EVP_CIPHER *cipher = passphrase != NULL ? f->EVP_aes_256_cbc() : NULL;
  char *text = (char *)passphrase;
  int length = (int)passphrase_size;
  int done = 0;
  switch (form) {
    case CCRYPTO_PEM_PKCS8:
      done = f->PEM_write_bio_PKCS8PrivateKey(output, key->key, cipher, text, length, NULL, NULL);
      break;
    case CCRYPTO_PEM_PKCS1:
      done = f->PEM_write_bio_PrivateKey_traditional(
          output, key->key, cipher, (const unsigned char *)text, length, NULL, NULL);
      break;
    case CCRYPTO_DER_PKCS8:
      done = f->i2d_PKCS8PrivateKey_bio(output, key->key, cipher, text, length, NULL, NULL);
      break;
    default: break;
  }
  int status = CCRYPTO_FAILED;
  if (done == 1) {
    char *written = NULL;
    long count = f->BIO_ctrl(output, BIO_CTRL_INFO, 0, (char *)&written);
    if (count > 0) status = hand_out(written, (size_t)count, out, size);
  }
  f->BIO_free(output);
  return status;
}

int ccrypto_sign_rs256(
    const ccrypto_key *key, const void *bytes, size_t size, uint8_t *signature, size_t *signature_size) {
  if (key == NULL) return CCRYPTO_BAD_INPUT;
  const ccrypto_functions *f = ccrypto_library();
  size_t needed = (size_t)f->EVP_PKEY_get_size(key->key);
  if (signature == NULL || *signature_size < needed) {
    *signature_size = needed;
    return CCRYPTO_TOO_SMALL;
  }
  EVP_MD_CTX *context = f->EVP_MD_CTX_new();
  int done = context != NULL && f->EVP_DigestSignInit(context, NULL, f->EVP_sha256(), NULL, key->key) == 1 &&
             f->EVP_DigestSign(context, signature, signature_size, bytes, size) == 1;
  f->EVP_MD_CTX_free(context);
  f->ERR_clear_error();
  return done ? CCRYPTO_OK : CCRYPTO_FAILED;
}

int ccrypto_verify_rs256(
    const ccrypto_key *key, const void *bytes, size_t size, const uint8_t *signature, size_t signature_size) {
  if (key == NULL || signature == NULL) return CCRYPTO_BAD_INPUT;
  const ccrypto_functions *f = ccrypto_library();
  EVP_MD_CTX *context = f->EVP_MD_CTX_new();
  int ready = context != NULL && f->EVP_DigestVerifyInit(context, NULL, f->EVP_sha256(), NULL, key->key) == 1;
  int matches = ready && f->EVP_DigestVerify(context, signature, signature_size, bytes, size) == 1;
  f->EVP_MD_CTX_free(context);
  f->ERR_clear_error();
  if (!ready) return CCRYPTO_FAILED;
  return matches ? CCRYPTO_OK : CCRYPTO_BAD_SIGNATURE;
}
