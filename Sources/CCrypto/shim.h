// OpenSSL's libcrypto: digests alone.
#ifndef SLUICE_CCRYPTO_SHIM_H
#define SLUICE_CCRYPTO_SHIM_H

#include <openssl/evp.h>
#include <pthread.h>

// What digests need for the life of the process. Within a function, since Swift emits no others.
typedef struct {
    pthread_once_t once;
    pthread_key_t context;
    EVP_MD *sha256;
} sluice_digests;

static inline sluice_digests *sluice_shared_digests(void) {
    static sluice_digests shared = {PTHREAD_ONCE_INIT, 0, 0};
    return &shared;
}

static inline void sluice_free_context(void *context) {
    EVP_MD_CTX_free((EVP_MD_CTX *)context);
}

static inline void sluice_prepare_digests(void) {
    sluice_digests *shared = sluice_shared_digests();
    // A context a thread, freed when the thread ends: to make one takes longer than a digest of 60 bytes.
    if (pthread_key_create(&shared->context, sluice_free_context) != 0) return;
    // Fetched once: a method that is not fetched is looked up for each digest.
    shared->sha256 = EVP_MD_fetch(0, "SHA256", 0);
}

// Writes the 32 bytes of the SHA-256 of `count` bytes. 1, or 0 where libcrypto has no SHA-256 or no memory.
static inline int sluice_sha256(const void *bytes, size_t count, unsigned char *digest) {
    sluice_digests *shared = sluice_shared_digests();
    if (pthread_once(&shared->once, sluice_prepare_digests) != 0 || shared->sha256 == 0) return 0;
    EVP_MD_CTX *context = (EVP_MD_CTX *)pthread_getspecific(shared->context);
    if (context == 0) {
        context = EVP_MD_CTX_new();
        if (context == 0) return 0;
        if (pthread_setspecific(shared->context, context) != 0) {
            EVP_MD_CTX_free(context);
            return 0;
        }
    }
    return EVP_DigestInit_ex2(context, shared->sha256, 0) && EVP_DigestUpdate(context, bytes, count)
        && EVP_DigestFinal_ex(context, digest, 0);
}

// Writes the 16 bytes of the MD5 of `count` bytes. 1, or 0 where libcrypto refuses MD5, as in FIPS mode.
static inline int sluice_md5(const void *bytes, size_t count, unsigned char *digest) {
    return EVP_Digest(bytes, count, digest, 0, EVP_md5(), 0);
}

#endif
