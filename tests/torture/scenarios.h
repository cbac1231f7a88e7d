// SPDX-License-Identifier: MIT
// What the torture does while allocations fail.

#ifndef TORTURE_SCENARIOS_H
#define TORTURE_SCENARIOS_H

typedef struct {
    const char *name;
    void (*run)(void); // leaves nothing pending
} scenario_t;

extern const scenario_t scenarios[];

// How each request ended; main.c counts them. 0: submit gave no id.
void note_status(int status);

// Once, before anything fails: what is to be there then.
void prepare_scenarios(void);
// Of every status; the plain request that must work afterwards.
const char *plain_url(void);

#endif
