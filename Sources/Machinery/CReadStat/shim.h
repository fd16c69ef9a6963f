#ifndef TIDELINE_CREADSTAT_SHIM_H
#define TIDELINE_CREADSTAT_SHIM_H

#include <readstat.h>

#endif
