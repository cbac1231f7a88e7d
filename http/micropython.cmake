# The http module for ports that build with CMake: -DUSER_C_MODULES=<this file>.
# A board that brings its own libcurl and zlib sets HTTP_CURL_LIBRARIES before.
if(NOT DEFINED HTTP_CURL_LIBRARIES)
    set(HTTP_CURL_LIBRARIES curl z)
endif()

add_library(usermod_http INTERFACE)

target_sources(usermod_http INTERFACE
    # The binding: no libcurl in it.
    ${CMAKE_CURRENT_LIST_DIR}/binding/modhttp.c
    ${CMAKE_CURRENT_LIST_DIR}/binding/bind_function.c
    ${CMAKE_CURRENT_LIST_DIR}/binding/bind_request.c
    ${CMAKE_CURRENT_LIST_DIR}/binding/bind_result.c
    ${CMAKE_CURRENT_LIST_DIR}/binding/bind_stream.c
    ${CMAKE_CURRENT_LIST_DIR}/binding/bind_text.c
    ${CMAKE_CURRENT_LIST_DIR}/binding/bind_json.c
    ${CMAKE_CURRENT_LIST_DIR}/binding/bind_bases.c
    ${CMAKE_CURRENT_LIST_DIR}/binding/bind_jar.c
    ${CMAKE_CURRENT_LIST_DIR}/binding/bind_wait.c
    # The engine: no MicroPython in it.
    ${CMAKE_CURRENT_LIST_DIR}/engine/memory.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/state.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/event.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/option.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/trace.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/fields.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/response.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/url.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/upload.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/redirect.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/digest.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/cookies.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/proxy.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/reuse.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/resolve.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/mbedtls.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/stream.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/sink.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/inflate.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/errors.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/complete.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/request.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/hop.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/watch.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/drive.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/jar.c
    ${CMAKE_CURRENT_LIST_DIR}/engine/calls.c
)
# Nothing is thrown through C code, and the tables for that are a fifth of it.
target_compile_options(usermod_http INTERFACE -fno-asynchronous-unwind-tables -fno-unwind-tables)
target_include_directories(usermod_http INTERFACE ${CMAKE_CURRENT_LIST_DIR}/..)
target_link_libraries(usermod_http INTERFACE ${HTTP_CURL_LIBRARIES})

target_link_libraries(usermod INTERFACE usermod_http)
