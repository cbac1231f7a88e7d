// SPDX-License-Identifier: MIT
// The other end of every connection of libcurl, in this process and thread. connect() is replaced, and so is
// the resolver, which knows no name. Nothing is sent to a network.

#ifndef FUZZ_PEER_H
#define FUZZ_PEER_H

#include "fuzz.h"

// Called with the bytes that have come on a connection since its last answer: a request, or anything else.
// Returns the answer, which the caller frees; NULL ends the connection.
typedef char *(*peer_answer_t)(const char *came, size_t came_len, size_t *len);

void peer_start(peer_answer_t answer, size_t piece); // so many bytes at a time; 0: all at once
bool peer_play(void); // answers what has come; was there something to do?
void peer_hang_up(void); // ends all connections
void peer_end(void); // after the engine: libcurl has closed them all
unsigned peer_connections(void); // that libcurl made

#endif
