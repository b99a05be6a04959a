#pragma once

// The few primitives of OpenSSL's libcrypto that snowmaker needs, behind plain buffers and status codes.
//
// libcrypto.so.3 is opened on the first call, never at start-up, and never closed. Every function may be called from
// any thread; one ccrypto_digest must not be used from two threads at once, a ccrypto_key may be (it is never changed).

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  CCRYPTO_OK = 0,
  /// libcrypto.so.3 is missing or too old; ccrypto_unavailable_reason() says why.
  CCRYPTO_UNAVAILABLE = -1,
  /// The bytes are not a key in any form that is understood.
  CCRYPTO_BAD_INPUT = -2,
  /// The key is encrypted and no passphrase was given.
  CCRYPTO_PASSPHRASE_NEEDED = -3,
  /// The key is encrypted and the passphrase does not open it.
  CCRYPTO_BAD_PASSPHRASE = -4,
  /// A key, but not an RSA key.
  CCRYPTO_NOT_RSA = -5,
  /// The signature does not belong to these bytes and this key.
  CCRYPTO_BAD_SIGNATURE = -6,
  /// The output buffer is too small; *size says how many bytes are needed.
  CCRYPTO_TOO_SMALL = -7,
  /// Anything else (out of memory, no entropy).
  CCRYPTO_FAILED = -8,
};

enum { CCRYPTO_SHA256_SIZE = 32 };

/// 1 when libcrypto can be used, otherwise 0.
int ccrypto_available(void);
/// Why libcrypto cannot be used (a static text); "" when it can.
const char *ccrypto_unavailable_reason(void);
/// What a status means, as a static English text.
const char *ccrypto_status_text(int status);

// -- Digests --------------------------------------------------------------------------------------------------------

/// SHA-256 of `size` bytes into `out` (32 bytes).
int ccrypto_sha256(const void *bytes, size_t size, uint8_t *out);
/// HMAC-SHA-256 of `size` bytes under `key` into `out` (32 bytes).
int ccrypto_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, uint8_t *out);

/// A SHA-256 that is fed piece by piece.
typedef struct ccrypto_digest ccrypto_digest;
/// A new digest, or NULL when libcrypto is unavailable or memory is out. Free it with ccrypto_digest_free.
ccrypto_digest *ccrypto_digest_new(void);
int ccrypto_digest_update(ccrypto_digest *digest, const void *bytes, size_t size);
/// Writes 32 bytes and makes the digest ready for new bytes.
int ccrypto_digest_finish(ccrypto_digest *digest, uint8_t *out);
void ccrypto_digest_free(ccrypto_digest *digest);

/// Fills `out` with `size` bytes from the system's cryptographic random generator.
int ccrypto_random(void *out, size_t size);
/// 1 when both buffers hold the same bytes; the time taken does not depend on where they differ.
int ccrypto_equal(const void *a, const void *b, size_t size);
/// Overwrites memory with zeros in a way that the compiler does not remove.
void ccrypto_wipe(void *bytes, size_t size);

// -- Secrets at rest ------------------------------------------------------------------------------------------------

/// scrypt (RFC 7914): `size` bytes of key from a passphrase. At most 256 MiB of memory (128 * n * r) are accepted.
int ccrypto_scrypt(
    const void *passphrase, size_t passphrase_size, const void *salt, size_t salt_size, uint64_t n, uint32_t r,
    uint32_t p, uint8_t *out, size_t size);

enum { CCRYPTO_GCM_KEY_SIZE = 32, CCRYPTO_GCM_NONCE_SIZE = 12, CCRYPTO_GCM_TAG_SIZE = 16 };

/// AES-256-GCM: writes `size` bytes and the tag of 16 to `out`. `context` is not encrypted, but must be the same when
/// the result is opened. A nonce must never be used twice with one key.
int ccrypto_aes256gcm_seal(
    const uint8_t *key, const uint8_t *nonce, const void *context, size_t context_size, const void *bytes, size_t size,
    uint8_t *out);
/// Opens what was sealed: `size` includes the tag, `out` has room for the rest. CCRYPTO_BAD_PASSPHRASE when the key or
/// the context is another one or the bytes were changed.
int ccrypto_aes256gcm_open(
    const uint8_t *key, const uint8_t *nonce, const void *context, size_t context_size, const uint8_t *sealed,
    size_t size, uint8_t *out);

// -- RSA keys -------------------------------------------------------------------------------------------------------

typedef struct ccrypto_key ccrypto_key;

/// Loads an RSA private key: PEM (PKCS#8, PKCS#1, encrypted or not), DER of the same, or base64 of DER. `passphrase`
/// may be NULL (none); it need not end with a zero byte.
int ccrypto_private_key_load(
    const void *bytes, size_t size, const char *passphrase, size_t passphrase_size, ccrypto_key **key);
/// Loads an RSA public key: SubjectPublicKeyInfo as DER, as base64 of DER (what RSA_PUBLIC_KEY of a Snowflake user
/// holds) or as PEM.
int ccrypto_public_key_load(const void *bytes, size_t size, ccrypto_key **key);
/// Generates a private key of `bits` bits (2048 or more).
int ccrypto_key_generate(int bits, ccrypto_key **key);
void ccrypto_key_free(ccrypto_key *key);
/// The modulus' size in bits; 0 when the key is NULL.
int ccrypto_key_bits(const ccrypto_key *key);

/// The public half as DER SubjectPublicKeyInfo. On entry *size is the room in `out`, on exit what was written or, with
/// CCRYPTO_TOO_SMALL, what is needed. `out` may be NULL to ask for the size.
int ccrypto_key_public_der(const ccrypto_key *key, uint8_t *out, size_t *size);

enum {
  CCRYPTO_PEM_PKCS8 = 0,
  CCRYPTO_PEM_PKCS1 = 1,
  CCRYPTO_DER_PKCS8 = 2,
  CCRYPTO_DER_PKCS1 = 3,
};
/// Writes a private key in one of the forms above; with a passphrase (not for CCRYPTO_DER_PKCS1) encrypted by
/// AES-256-CBC. `size` as in ccrypto_key_public_der.
int ccrypto_private_key_export(
    const ccrypto_key *key, int form, const char *passphrase, size_t passphrase_size, uint8_t *out, size_t *size);

/// RSASSA-PKCS1-v1_5 with SHA-256 (JWT's RS256). `signature_size` as `size` in ccrypto_key_public_der; the signature
/// is as long as the modulus.
int ccrypto_sign_rs256(
    const ccrypto_key *key, const void *bytes, size_t size, uint8_t *signature, size_t *signature_size);
/// CCRYPTO_OK when the signature is right, CCRYPTO_BAD_SIGNATURE when it is not.
int ccrypto_verify_rs256(
    const ccrypto_key *key, const void *bytes, size_t size, const uint8_t *signature, size_t signature_size);

// -- Ed25519 keys (RFC 8032) ----------------------------------------------------------------------------------------

enum { CCRYPTO_ED25519_KEY_SIZE = 32, CCRYPTO_ED25519_SIGNATURE_SIZE = 64 };

/// The public key (32 bytes) of a private one (32 random bytes).
int ccrypto_ed25519_public(const uint8_t *private_key, uint8_t *public_key);
/// Signs `size` bytes; the signature has 64 bytes.
int ccrypto_ed25519_sign(const uint8_t *private_key, const void *bytes, size_t size, uint8_t *signature);
/// CCRYPTO_OK when the signature is right, CCRYPTO_BAD_SIGNATURE when it is not.
int ccrypto_ed25519_verify(const uint8_t *public_key, const void *bytes, size_t size, const uint8_t *signature);

// -- Certificates ---------------------------------------------------------------------------------------------------

/// Makes an authority and a server certificate signed by it, good for `days` days, with P-256 keys. `names` is what
/// OpenSSL takes as subjectAltName ("DNS:*.example.com,IP:127.0.0.1"). On success the three are PEM texts to free():
/// the authority's certificate, the server's certificate followed by the authority's, and the server's private key.
int ccrypto_make_certificates(const char *names, int days, char **authority, char **chain, char **key);
/// MD5 of `size` bytes into `out` (16 bytes): a checksum where a protocol asks for it, no protection.
int ccrypto_md5(const void *bytes, size_t size, uint8_t *out);

#ifdef __cplusplus
}
#endif
