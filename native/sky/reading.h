// An open FITS file and reading from it: what reading.cc shares with batch.cc, tables.cc and tiles.cc.
#pragma once

#include "cfitsio.h"
#include "door.h"
#include "layout.h"

#include <memory>
#include <string>
#include <vector>

namespace arclet {

// An open file; closing it also frees the memory behind it.
struct File {
  fitsfile* fits = nullptr;
  void* memory = nullptr;
  size_t memory_size = 0;
  std::vector<Hdu> hdus;
  std::vector<std::vector<bool>> tiles_checked;  // once per tile of a compressed HDU, however many windows need it

  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();
};

// The files that JavaScript holds open.
Shelf<File>& files();

// A file in memory. The memory must come from `malloc` and hold `length` bytes, padded with zeros to a whole block; the
// file takes ownership of it.
std::unique_ptr<File> file_in(void* memory, size_t length);

// Bytes of memory for a file of this length: whole blocks.
size_t whole_blocks(size_t length);

// Makes an HDU (from 0) the current one; the second takes its number from the arguments.
const Hdu& move_to(File& file, size_t index);
const Hdu& moved_to(File& file, Arguments& in);

// The current HDU's cards, 80 characters each; a compressed image's are those of the image.
std::string header_of(File& file, const Hdu& hdu);

// The current HDU's pixels from `low` to `high` (from 1, fastest axis first), as floats or doubles.
void read_pixels(File& file, const Hdu& hdu, std::vector<long>& low, std::vector<long>& high, bool wide, void* data);

}  // namespace arclet
