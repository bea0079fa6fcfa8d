// The FITS files that JavaScript holds open.
#pragma once

#include "door.h"
#include "layout.h"

#include <fitsio.h>

#include <cstdlib>

namespace arclet {

// An open file; closing it frees what it was read from.
struct File {
  fitsfile* fits = nullptr;
  void* memory = nullptr;
  size_t memory_size = 0;
  std::vector<Hdu> hdus;

  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    int status = 0;
    if (fits != nullptr) fits_close_file(fits, &status);
    fits_clear_errmsg();
    std::free(memory);
  }
};

Shelf<File>& files();

// Makes an HDU (by its place, from 0) the one that CFITSIO reads from.
const Hdu& moved_to(napi_env env, File& file, napi_value value);

}  // namespace arclet
