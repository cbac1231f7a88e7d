#pragma once
void http_engine_interrupt(void);
