// libcurl, with a typed function for each variadic call that Transport makes.
#ifndef SLUICE_CCURL_SHIM_H
#define SLUICE_CCURL_SHIM_H

#include <curl/curl.h>

typedef size_t (*sluice_transfer)(char *bytes, size_t size, size_t count, void *context);
typedef int (*sluice_seek)(void *context, curl_off_t offset, int origin);
typedef int (*sluice_prereq)(
    void *context, char *remote, char *local, int remotePort, int localPort);

static inline CURLcode sluice_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode sluice_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode sluice_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode sluice_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode sluice_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode sluice_set_blob(CURL *easy, CURLoption option, struct curl_blob *value) {
    return curl_easy_setopt(easy, option, value);
}
// No file:, ftp: and the like. The option got a new form with 7.85.
static inline CURLcode sluice_allow_http_only(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}
// CURLOPT_READFUNCTION, _WRITEFUNCTION and _HEADERFUNCTION share one shape.
static inline CURLcode sluice_set_transfer(CURL *easy, CURLoption option, sluice_transfer function) {
    return curl_easy_setopt(easy, option, function);
}
static inline CURLcode sluice_set_seek(CURL *easy, sluice_seek function) {
    return curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, function);
}
static inline CURLcode sluice_set_prereq(CURL *easy, sluice_prereq function) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}
static inline CURLcode sluice_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline void *sluice_get_private(CURL *easy) {
    char *value = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
    return value;
}
static inline CURLMcode sluice_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}
// The finished transfer of a message, or null when the message is of another kind.
static inline CURL *sluice_message_easy(const CURLMsg *message) {
    return message->msg == CURLMSG_DONE ? message->easy_handle : 0;
}
static inline CURLcode sluice_message_result(const CURLMsg *message) {
    return message->data.result;
}

#endif
