#pragma once

// The table of libcrypto's functions, filled by dlsym on first use.

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define CCRYPTO_SYMBOLS(X)          \
  X(BIO_ctrl)                       \
  X(BIO_free)                       \
  X(BIO_new)                        \
  X(BIO_new_mem_buf)                \
  X(BIO_s_mem)                      \
  X(CRYPTO_free)                    \
  X(ERR_clear_error)                \
  X(EVP_CIPHER_CTX_ctrl)            \
  X(EVP_CIPHER_CTX_free)            \
  X(EVP_CIPHER_CTX_new)             \
  X(EVP_DecryptFinal_ex)            \
  X(EVP_DecryptInit_ex)             \
  X(EVP_DecryptUpdate)              \
  X(EVP_EncryptFinal_ex)            \
  X(EVP_EncryptInit_ex)             \
  X(EVP_EncryptUpdate)              \
  X(EVP_KDF_CTX_free)               \
  X(EVP_KDF_CTX_new)                \
  X(EVP_KDF_derive)                 \
  X(EVP_KDF_fetch)                  \
  X(EVP_KDF_free)                   \
  X(EVP_aes_256_gcm)                \
  X(EVP_DigestFinal_ex)             \
  X(EVP_DigestInit_ex)              \
  X(EVP_DigestSign)                 \
  X(EVP_DigestSignInit)             \
  X(EVP_DigestUpdate)               \
  X(EVP_DigestVerify)               \
  X(EVP_DigestVerifyInit)           \
  X(EVP_Digest)                     \
  X(EVP_MD_CTX_free)                \
  X(EVP_MD_CTX_new)                 \
  X(EVP_PKEY_CTX_free)              \
  X(EVP_PKEY_CTX_new_id)            \
  X(EVP_PKEY_CTX_set_rsa_keygen_bits) \
  X(EVP_PKEY_free)                  \
  X(EVP_PKEY_get_base_id)           \
  X(EVP_PKEY_get_bits)              \
  X(EVP_PKEY_get_size)              \
  X(EVP_PKEY_keygen)                \
  X(EVP_PKEY_keygen_init)           \
  X(EVP_PKEY_new_raw_private_key)   \
  X(EVP_PKEY_new_raw_public_key)    \
  X(EVP_PKEY_get_raw_public_key)    \
  X(EVP_aes_256_cbc)                \
  X(EVP_sha256)                     \
  X(HMAC)                           \
  X(OPENSSL_cleanse)                \
  X(OPENSSL_init_crypto)            \
  X(PEM_read_bio_PUBKEY)            \
  X(PEM_read_bio_PrivateKey)        \
  X(PEM_write_bio_PKCS8PrivateKey)  \
  X(PEM_write_bio_PrivateKey_traditional) \
  X(RAND_bytes)                     \
  X(d2i_AutoPrivateKey)             \
  X(d2i_PKCS8PrivateKey_bio)        \
  X(d2i_PUBKEY)                     \
  X(i2d_PKCS8PrivateKey_bio)        \
  X(i2d_PUBKEY)                     \
  X(i2d_PrivateKey)

typedef struct {
#define CCRYPTO_DECLARE(name) __typeof__(&name) name;
  CCRYPTO_SYMBOLS(CCRYPTO_DECLARE)
#undef CCRYPTO_DECLARE
} ccrypto_functions;

/// libcrypto's functions, or NULL when it cannot be used.
const ccrypto_functions *ccrypto_library(void);
