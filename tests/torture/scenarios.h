// SPDX-License-Identifier: MIT
// The scenarios that run while allocations fail.

#ifndef TORTURE_SCENARIOS_H
#define TORTURE_SCENARIOS_H

typedef struct {
    const char *name;
    void (*run)(void); // leaves no request pending
} scenario_t;

extern const scenario_t scenarios[];

// Note how a request ended; main.c counts the statuses. 0: submit returned no id.
void note_status(int status);

// Called once, before any failure.
void prepare_scenarios(void);
// The URL of the plain request that must work after each run.
const char *plain_url(void);

#endif
