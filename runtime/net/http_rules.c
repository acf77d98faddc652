/* http_rules.c - options of libcurl that every handle gets, and the names of failures. */
#include "runtime/net/http_rules.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/bytes.h"

bool http_start(void)
{
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, bytes_free_wiped, bytes_realloc_wiped, strdup, calloc) ==
           CURLE_OK;
}

void http_rules(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    /* A slow name server must not hold the caller beyond its deadline. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

struct curl_slist *http_headers(const char *const *lines)
{
    struct curl_slist *list = NULL;
    for (; *lines; lines++) {
        struct curl_slist *longer = curl_slist_append(list, *lines);
        if (!longer) {
            http_headers_free(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

void http_headers_free(struct curl_slist *list)
{
    for (struct curl_slist *l = list; l; l = l->next)
        bytes_wipe(l->data, strlen(l->data));
    curl_slist_free_all(list);
}

enum http_failure http_failure_of(CURLcode code, bool refused)
{
    if (refused)
        return HTTP_ADDRESS;
    switch (code) {
    case CURLE_OK:
        return HTTP_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
        return HTTP_RESOLVE;
    case CURLE_COULDNT_CONNECT:
        return HTTP_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
        return HTTP_TLS;
    case CURLE_FILESIZE_EXCEEDED:
        return HTTP_TOO_LARGE;
    case CURLE_UNSUPPORTED_PROTOCOL: /* what came is not HTTP/1 */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return HTTP_GARBAGE;
    case CURLE_FAILED_INIT:
    case CURLE_URL_MALFORMAT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
        return HTTP_LOCAL;
    default:
        return HTTP_CUT;
    }
}

const char *http_failure_word(enum http_failure f)
{
    static const char *const words[] = {
        [HTTP_OK] = NULL,
        [HTTP_RESOLVE] = "unreachable",
        [HTTP_CONNECT] = "unreachable",
        [HTTP_TLS] = "unreachable",
        [HTTP_ADDRESS] = "refused_host",
        [HTTP_TIMEOUT] = "timeout",
        [HTTP_CUT] = "unreachable",
        [HTTP_TOO_LARGE] = "too_large",
        [HTTP_GARBAGE] = "unreachable",
        [HTTP_LOCAL] = "unreachable",
        [HTTP_STOPPED] = "stopped",
    };
    return words[f];
}
