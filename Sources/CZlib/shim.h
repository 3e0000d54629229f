#ifndef SLUICE_CZLIB_SHIM_H
#define SLUICE_CZLIB_SHIM_H

#include <stdlib.h>
#include <zlib.h>

/* `inflateInit2` is a macro. 15 + 16: gzip alone, with its header, checksum and length. */
static inline z_stream *sluice_gunzip_new(void) {
    z_stream *stream = calloc(1, sizeof(z_stream));
    if (stream && inflateInit2(stream, 15 + 16) != Z_OK) {
        free(stream);
        stream = NULL;
    }
    return stream;
}

static inline void sluice_gunzip_free(z_stream *stream) {
    inflateEnd(stream);
    free(stream);
}

#endif
