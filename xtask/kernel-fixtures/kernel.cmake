# How the kernel is compiled here: lightly optimised and without debugging information, to shorten the wait.
set(APPEND_CXXFLAGS "-O1 -g0" CACHE STRING "")
set(APPEND_CFLAGS "-g0" CACHE STRING "")
