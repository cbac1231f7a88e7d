#include "http/engine.h"
#include <curl/curl.h>
void http_engine_interrupt(void) {}
