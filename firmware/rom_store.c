// SPDX-License-Identifier: MIT
// The parts of modules/_store.py and modules/_app.py that Python cannot do: map the image of the ROM store
// without reading it, and load a precompiled app as a code object for exec().

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "py/objcode.h"
#include "py/objfun.h"
#include "py/persistentcode.h"
#include "py/reader.h"
#include "py/runtime.h"

#if MICROPY_PY_BUILTINS_CODE != MICROPY_PY_BUILTINS_CODE_MINIMUM
#error load_mpy() makes code objects as MICROPY_PY_BUILTINS_CODE_MINIMUM has them
#endif

// map(path) -> the whole file or block device as read-only bytes. Raises OSError.
//
// It is never unmapped, because the bytecode of an app runs in place in the image. The file must not change
// its length while the program runs. To replace it by another file is safe.
static mp_obj_t rom_map(mp_obj_t path_in) {
    int fd = open(mp_obj_str_get_str(path_in), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        mp_raise_OSError(errno);
    }
    void *memory = NULL;
    int error = 0;
    off_t len = lseek(fd, 0, SEEK_END); // only lseek() knows the size of a block device
    if (len < 0) {
        error = errno;
    } else if (len > 0) { // an empty file cannot be mapped
        memory = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
        error = memory == MAP_FAILED ? errno : 0;
    }
    close(fd); // the mapping stays
    if (error != 0) {
        mp_raise_OSError(error);
    }
    return memory == NULL ? mp_const_empty_bytes : mp_obj_new_memoryview('B', len, memory);
}
static MP_DEFINE_CONST_FUN_OBJ_1(rom_map_obj, rom_map);

// A reader that detects the end of the file; data is the mp_reader_t that it reads from.
static mp_uint_t checked_readbyte(void *data) {
    mp_reader_t *file = data;
    mp_uint_t byte = file->readbyte(file->data);
    if (byte == MP_READER_EOF) {
        mp_raise_ValueError(MP_ERROR_TEXT("truncated .mpy file"));
    }
    return byte;
}

static void checked_close(void *data) {
    mp_reader_t *file = data;
    file->close(file->data);
}

static mp_compiled_module_t new_module(void) {
    mp_compiled_module_t cm;
    cm.context = m_new_obj(mp_module_context_t);
    cm.context->module.base.type = &mp_type_module;
    cm.context->module.globals = NULL; // exec() sets them
    return cm;
}

// load_mpy(path) -> a code object for exec(), from a file that mpy-cross made. Raises OSError. Raises ValueError if the
// file is cut off, or is for another version of MicroPython or another processor.
static mp_obj_t rom_load_mpy(mp_obj_t path_in) {
    qstr path = mp_obj_str_get_qstr(path_in);
    mp_compiled_module_t cm = new_module();
    mp_reader_t file;
    mp_reader_new_file(&file, path);
    // Read the file twice. This reader detects the end of a truncated file, which MicroPython's own reader does not.
    // Only MicroPython's reader leaves the bytecode in place in the image.
    mp_reader_t checked = { &file, checked_readbyte, checked_close };
    mp_raw_code_load(&checked, &cm);
    cm = new_module();
    mp_raw_code_load_file(path, &cm);
    return mp_obj_new_code(mp_make_function_from_proto_fun(cm.rc, cm.context, NULL));
}
static MP_DEFINE_CONST_FUN_OBJ_1(rom_load_mpy_obj, rom_load_mpy);

static const mp_rom_map_elem_t rom_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__rom) },
    { MP_ROM_QSTR(MP_QSTR_map), MP_ROM_PTR(&rom_map_obj) },
    { MP_ROM_QSTR(MP_QSTR_load_mpy), MP_ROM_PTR(&rom_load_mpy_obj) },
};
static MP_DEFINE_CONST_DICT(rom_globals, rom_globals_table);

const mp_obj_module_t mp_module__rom = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&rom_globals,
};

MP_REGISTER_MODULE(MP_QSTR__rom, mp_module__rom);
