#include "csimdjson.h"
#include <simdjson.h>
extern "C" int csimdjson_version(void) { return SIMDJSON_VERSION_MAJOR; }
