# How the kernel is compiled here: without debugging information and lightly optimised, which halves the wait.
set(APPEND_CXXFLAGS "-O1 -g0" CACHE STRING "")
set(APPEND_CFLAGS "-g0" CACHE STRING "")
