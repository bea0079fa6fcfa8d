// A FITS file's structure, as stated in its headers and checked against the file's true length before anything is read
// or allocated by those numbers (FITS standard 4.0, section 4.4.1; tile compression, section 10.1).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace arclet {

struct Hdu {
  enum Kind { kImage, kTable, kAsciiTable } kind = kImage;
  int64_t bitpix = 8;
  std::vector<int64_t> axes;  // NAXIS1 first; those of the image inside, if it is tile-compressed
  std::vector<int64_t> tile;  // a compressed image's tiles; empty otherwise
  bool compressed = false;
  std::string compression;    // ZCMPTYPE
  std::string quantization;   // ZQUANTIZ
  struct {
    int64_t block = 0;
    int width = 0;  // bytes of a value; 0 where the tiles are packed in another way
  } rice;
  std::string name;           // EXTNAME
  int64_t version = 1;        // EXTVER
  int64_t data_bytes = 0;
  int64_t header = 0, data = 0;  // where they start in the file
};

// Reads `length` bytes from `offset`; it is never called for bytes beyond the file's end.
using Reader = std::function<void(int64_t offset, char* to, size_t length)>;

// Whether a card's value is a quoted string with closed quotes.
bool is_quoted(const char* card);

// Throws Refusal when a header is not valid, contradicts itself, or states more than the file holds.
std::vector<Hdu> layout_of(int64_t file_length, const Reader& read);

}  // namespace arclet
