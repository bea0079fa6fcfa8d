// Reads FITS files broken on purpose, as the door does but without JavaScript, so that sanitizers see our code and
// CFITSIO's together. Run by scripts/fuzz-fits.sh.
//
//   fits SECONDS FILE...   breaks the files at random for as long; the number of each is printed when it ends the process
//   fits 0 FILE...         reads the files as they are
#include "../sky/reading.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

namespace {

using Random = std::mt19937_64;
using Whole = std::vector<unsigned char>;

size_t below(Random& random, size_t count) { return static_cast<size_t>(random() % count); }

// A card gets another number.
void lie(Whole& bytes, Random& random) {
  static const char* numbers[] = {"-1", "0", "1", "2", "4", "7", "8", "16", "-32", "-64", "32", "100", "65536", "2147483647"};
  size_t cards = bytes.size() / 80;
  for (int tries = 0; tries < 200; ++tries) {
    size_t at = below(random, cards) * 80;
    if (bytes[at + 8] != '=' || bytes[at + 9] != ' ') continue;
    char value[71];
    std::snprintf(value, sizeof value, "%20s%50s", numbers[below(random, std::size(numbers))], "");
    std::memcpy(&bytes[at + 10], value, 70);
    return;
  }
}

// A card moves to another's place, which is how a keyword comes twice.
void repeat(Whole& bytes, Random& random) {
  size_t cards = bytes.size() / 80, from = below(random, cards) * 80, to = below(random, cards) * 80;
  std::memmove(&bytes[to], &bytes[from], 80);
}

Whole broken(const Whole& whole, Random& random) {
  Whole bytes = whole;
  // Headers take much of a small file; its data begin in the last third.
  size_t data = below(random, 3) == 0 ? 0 : bytes.size() * 2 / 3;
  auto place = [&] { return data + below(random, bytes.size() - data); };
  switch (below(random, 7)) {
    case 0: bytes.resize(below(random, bytes.size())); break;
    case 1: for (size_t k = below(random, 20) + 1; k > 0; --k) bytes[place()] ^= 1u << below(random, 8); break;
    case 2: for (size_t k = below(random, 3) + 1; k > 0; --k) lie(bytes, random); break;
    case 3: repeat(bytes, random); break;
    default: {
      size_t from = place(), to = std::min(bytes.size(), from + 1 + below(random, 400));
      unsigned char fill = static_cast<unsigned char>(random());
      bool even = below(random, 2) == 0;
      for (size_t i = from; i < to; ++i) bytes[i] = even ? (below(random, 2) == 0 ? 0 : fill) : static_cast<unsigned char>(random());
    }
  }
  return bytes;
}

// Every image, or a window of it. Returns whether all was read.
bool read_all(const Whole& bytes, bool wide) {
  void* memory = std::calloc(std::max<size_t>(arclet::whole_blocks(bytes.size()), 1), 1);
  if (!bytes.empty()) std::memcpy(memory, bytes.data(), bytes.size());
  try {
    auto file = arclet::file_in(memory, bytes.size());
    for (size_t i = 0; i < file->hdus.size(); ++i) {
      const arclet::Hdu& hdu = file->hdus[i];
      if (hdu.kind != arclet::Hdu::kImage || hdu.axes.empty()) continue;
      arclet::move_to(*file, i);
      arclet::header_of(*file, hdu);
      std::vector<long> low, high;
      size_t pixels = 1;
      for (int64_t axis : hdu.axes) {
        low.push_back(1);
        high.push_back(static_cast<long>(axis));
        pixels *= static_cast<size_t>(axis);
      }
      if (pixels == 0 || pixels > (size_t{1} << 22)) continue;
      // As much memory as is asked for: a sanitizer sees what lies beyond.
      std::vector<char> data(pixels * (wide ? 8 : 4));
      arclet::read_pixels(*file, hdu, low, high, wide, data.data());
    }
  } catch (const arclet::Refusal&) {
    return false;
  }
  return true;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return 2;
  double seconds = std::atof(words[1]);
  std::vector<Whole> files;
  for (int i = 2; i < count; ++i) {
    std::ifstream in(words[i], std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    if (seconds == 0) std::printf("%s: %s\n", words[i], read_all(files.back(), false) ? "read" : "refused");
  }
  auto start = std::chrono::steady_clock::now();
  size_t read = 0, refused = 0;
  for (uint64_t number = 0; seconds > 0; ++number) {
    if (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() > seconds) break;
    Random random(number);
    Whole bytes = broken(files[number % files.size()], random);
    std::FILE* last = std::fopen("last.fits", "wb");  // for looking at what ended the process
    std::fwrite(bytes.data(), 1, bytes.size(), last);
    std::fclose(last);
    ++(read_all(bytes, number % 2 == 0) ? read : refused);
  }
  std::printf("%zu read, %zu refused\n", read, refused);
}
