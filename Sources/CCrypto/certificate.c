#include "CCrypto.h"

#include <dlfcn.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// Certificates need functions that nothing else here does: they are resolved apart, so that a libcrypto without them
// still serves everything else.
#define CERTIFICATE_SYMBOLS(X)      \
  X(ASN1_INTEGER_set)               \
  X(BIO_ctrl)                       \
  X(BIO_free)                       \
  X(BIO_new)                        \
  X(BIO_s_mem)                      \
  X(EVP_Digest)                     \
  X(EVP_PKEY_Q_keygen)              \
  X(EVP_PKEY_free)                  \
  X(EVP_md5)                        \
  X(EVP_sha256)                     \
  X(PEM_write_bio_PKCS8PrivateKey)  \
  X(PEM_write_bio_X509)             \
  X(X509V3_EXT_conf_nid)            \
  X(X509V3_set_ctx)                 \
  X(X509_EXTENSION_free)            \
  X(X509_NAME_add_entry_by_txt)     \
  X(X509_add_ext)                   \
  X(X509_free)                      \
  X(X509_get_serialNumber)          \
  X(X509_get_subject_name)          \
  X(X509_getm_notAfter)             \
  X(X509_getm_notBefore)            \
  X(X509_gmtime_adj)                \
  X(X509_new)                       \
  X(X509_set_issuer_name)           \
  X(X509_set_pubkey)                \
  X(X509_set_version)               \
  X(X509_sign)

static struct {
#define CERTIFICATE_DECLARE(name) __typeof__(&name) name;
  CERTIFICATE_SYMBOLS(CERTIFICATE_DECLARE)
#undef CERTIFICATE_DECLARE
} f;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int usable;

static void resolve(void) {
  void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
#define CERTIFICATE_RESOLVE(name)                      \
  f.name = (__typeof__(f.name))dlsym(library, #name);  \
  if (f.name == NULL) return;
  CERTIFICATE_SYMBOLS(CERTIFICATE_RESOLVE)
#undef CERTIFICATE_RESOLVE
  usable = 1;
}

static int ready(void) {
  if (!ccrypto_available()) return 0;
  pthread_once(&once, resolve);
  return usable;
}

static int extend(X509 *certificate, X509 *issuer, int kind, const char *value) {
  X509V3_CTX context;
  memset(&context, 0, sizeof context);
  f.X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = f.X509V3_EXT_conf_nid(NULL, &context, kind, value);
  if (extension == NULL) return 0;
  int done = f.X509_add_ext(certificate, extension, -1);
  f.X509_EXTENSION_free(extension);
  return done == 1;
}

static X509 *begin(EVP_PKEY *key, const char *common_name, int days, int generation) {
  X509 *certificate = f.X509_new();
  if (certificate == NULL) return NULL;
  uint32_t number = 1;
  ccrypto_random(&number, sizeof number);
  X509_NAME *name = f.X509_get_subject_name(certificate);
  if (f.X509_set_version(certificate, 2) == 1 &&
      f.ASN1_INTEGER_set(f.X509_get_serialNumber(certificate), (long)(number >> 1) * 2 + generation) == 1 &&
      f.X509_gmtime_adj(f.X509_getm_notBefore(certificate), -3600) != NULL &&
      f.X509_gmtime_adj(f.X509_getm_notAfter(certificate), (long)days * 86400) != NULL &&
      f.X509_set_pubkey(certificate, key) == 1 &&
      f.X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"snowmaker emulator", -1, -1, 0) ==
          1 &&
      f.X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) == 1) {
    return certificate;
  }
  f.X509_free(certificate);
  return NULL;
}

static char *text_of(BIO *output) {
  char *written = NULL;
  long count = f.BIO_ctrl(output, BIO_CTRL_INFO, 0, (char *)&written);
  char *text = count > 0 ? malloc((size_t)count + 1) : NULL;
  if (text != NULL) {
    memcpy(text, written, (size_t)count);
    text[count] = 0;
  }
  return text;
}

static char *certificates_pem(X509 *first, X509 *second) {
  BIO *output = f.BIO_new(f.BIO_s_mem());
  if (output == NULL) return NULL;
  char *text = NULL;
  if (f.PEM_write_bio_X509(output, first) == 1 && (second == NULL || f.PEM_write_bio_X509(output, second) == 1)) {
    text = text_of(output);
  }
  f.BIO_free(output);
  return text;
}

static char *key_pem(EVP_PKEY *key) {
  BIO *output = f.BIO_new(f.BIO_s_mem());
  if (output == NULL) return NULL;
  char *text = NULL;
  if (f.PEM_write_bio_PKCS8PrivateKey(output, key, NULL, NULL, 0, NULL, NULL) == 1) text = text_of(output);
  f.BIO_free(output);
  return text;
}

int ccrypto_make_certificates(const char *names, int days, char **authority, char **chain, char **key) {
  *authority = *chain = *key = NULL;
  if (!ready()) return CCRYPTO_UNAVAILABLE;
  int status = CCRYPTO_FAILED;
  EVP_PKEY *root_key = f.EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
  EVP_PKEY *leaf_key = f.EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
  X509 *root = root_key != NULL ? begin(root_key, "snowmaker emulator authority", days, 0) : NULL;
  X509 *leaf = leaf_key != NULL ? begin(leaf_key, "snowmaker emulator", days, 1) : NULL;
  if (root == NULL || leaf == NULL) goto end;
  int signs = f.X509_set_issuer_name(root, f.X509_get_subject_name(root)) == 1 &&
              extend(root, root, NID_basic_constraints, "critical,CA:TRUE") &&
              extend(root, root, NID_key_usage, "critical,keyCertSign,cRLSign") &&
              extend(root, root, NID_subject_key_identifier, "hash") &&
              f.X509_sign(root, root_key, f.EVP_sha256()) > 0;
  int serves = signs && f.X509_set_issuer_name(leaf, f.X509_get_subject_name(root)) == 1 &&
               extend(leaf, root, NID_basic_constraints, "critical,CA:FALSE") &&
               extend(leaf, root, NID_key_usage, "critical,digitalSignature") &&
               extend(leaf, root, NID_ext_key_usage, "serverAuth") &&
               extend(leaf, root, NID_subject_key_identifier, "hash") &&
               extend(leaf, root, NID_authority_key_identifier, "keyid") &&
               extend(leaf, root, NID_subject_alt_name, names) && f.X509_sign(leaf, root_key, f.EVP_sha256()) > 0;
  if (!serves) goto end;
  *authority = certificates_pem(root, NULL);
  *chain = certificates_pem(leaf, root);
  *key = key_pem(leaf_key);
  if (*authority != NULL && *chain != NULL && *key != NULL) status = CCRYPTO_OK;
end:
  if (status != CCRYPTO_OK) {
    free(*authority);
    free(*chain);
    free(*key);
    *authority = *chain = *key = NULL;
  }
  f.X509_free(leaf);
  f.X509_free(root);
  f.EVP_PKEY_free(leaf_key);
  f.EVP_PKEY_free(root_key);
  return status;
}

int ccrypto_md5(const void *bytes, size_t size, uint8_t *out) {
  if (!ready()) return CCRYPTO_UNAVAILABLE;
  unsigned length = 0;
  return f.EVP_Digest(bytes, size, out, &length, f.EVP_md5(), NULL) == 1 ? CCRYPTO_OK : CCRYPTO_FAILED;
}
