# The http module for ports that build with CMake: -DUSER_C_MODULES=<this file>.
# A board that brings its own libcurl and zlib sets HTTP_CURL_LIBRARIES before.
if(NOT DEFINED HTTP_CURL_LIBRARIES)
    set(HTTP_CURL_LIBRARIES curl z)
endif()

add_library(usermod_http INTERFACE)

target_sources(usermod_http INTERFACE
    # The binding: no libcurl in it.
    ${CMAKE_CURRENT_LIST_DIR}/modhttp.c
    ${CMAKE_CURRENT_LIST_DIR}/bind_function.c
    ${CMAKE_CURRENT_LIST_DIR}/bind_request.c
    ${CMAKE_CURRENT_LIST_DIR}/bind_result.c
    ${CMAKE_CURRENT_LIST_DIR}/bind_text.c
    ${CMAKE_CURRENT_LIST_DIR}/bind_json.c
    ${CMAKE_CURRENT_LIST_DIR}/bind_jar.c
    # The engine: no MicroPython in it.
    ${CMAKE_CURRENT_LIST_DIR}/engine.c
    ${CMAKE_CURRENT_LIST_DIR}/request.c
    ${CMAKE_CURRENT_LIST_DIR}/drive.c
    ${CMAKE_CURRENT_LIST_DIR}/memory.c
    ${CMAKE_CURRENT_LIST_DIR}/transfer.c
    ${CMAKE_CURRENT_LIST_DIR}/redirect.c
    ${CMAKE_CURRENT_LIST_DIR}/resolve.c
    ${CMAKE_CURRENT_LIST_DIR}/fields.c
    ${CMAKE_CURRENT_LIST_DIR}/url.c
    ${CMAKE_CURRENT_LIST_DIR}/sink.c
    ${CMAKE_CURRENT_LIST_DIR}/inflate.c
    ${CMAKE_CURRENT_LIST_DIR}/upload.c
    ${CMAKE_CURRENT_LIST_DIR}/jar.c
    ${CMAKE_CURRENT_LIST_DIR}/digest.c
    ${CMAKE_CURRENT_LIST_DIR}/kept.c
    ${CMAKE_CURRENT_LIST_DIR}/proxy.c
    ${CMAKE_CURRENT_LIST_DIR}/mbedtls.c
)
# Nothing is thrown through C code, and the tables for that are a fifth of it.
target_compile_options(usermod_http INTERFACE -fno-asynchronous-unwind-tables -fno-unwind-tables)
target_include_directories(usermod_http INTERFACE ${CMAKE_CURRENT_LIST_DIR}/..)
target_link_libraries(usermod_http INTERFACE ${HTTP_CURL_LIBRARIES})

target_link_libraries(usermod INTERFACE usermod_http)
