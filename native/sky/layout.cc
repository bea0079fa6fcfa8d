#include "layout.h"

#include "../node/refusal.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <unordered_map>

namespace arclet {
namespace {

constexpr int64_t kBlock = 2880;
constexpr int64_t kCard = 80;
constexpr int64_t kMostHeader = int64_t{1} << 26;  // 64 MiB of cards
// What decompression may make of a file: gzip's best is 1032 to 1; the rest is room for small ones.
constexpr int64_t kMostRatio = 2000;
constexpr int64_t kRoom = int64_t{1} << 26;
// Pixels of a tile: CFITSIO counts its bytes by 32 bits.
constexpr int64_t kMostTile = std::numeric_limits<int32_t>::max() / 8;

using Cards = std::unordered_map<std::string, std::string>;

std::string hdu_name(size_t index) { return "HDU " + std::to_string(index); }

// The keyword's value as it stands, without quotes and trailing blanks.
std::string value_of(const char* card) {
  std::string text(card + 10, kCard - 10);
  size_t from = text.find_first_not_of(' ');
  if (from == std::string::npos) return "";
  if (text[from] == '\'') {
    size_t to = text.find('\'', from + 1);
    std::string inner = text.substr(from + 1, to == std::string::npos ? std::string::npos : to - from - 1);
    size_t last = inner.find_last_not_of(' ');
    return last == std::string::npos ? "" : inner.substr(0, last + 1);
  }
  size_t to = text.find('/', from);
  std::string plain = text.substr(from, to == std::string::npos ? std::string::npos : to - from);
  size_t last = plain.find_last_not_of(' ');
  return last == std::string::npos ? "" : plain.substr(0, last + 1);
}

// Whether a keyword may be one that the structure stands on, by its first letter: most of a header's are not, and a file
// of one small image is mostly header.
bool may_be_structure(char first) { return std::memchr("BEGNPSTXZ", first, 9) != nullptr; }

// Keywords that CFITSIO reads as numbers. It writes beyond a buffer of its own where one of them is a long text.
bool is_numeric_keyword(const std::string& key) {
  std::string stem = key.substr(0, key.find_last_not_of("0123456789") + 1);
  for (const char* one : {"BITPIX", "NAXIS", "PCOUNT", "GCOUNT", "TFIELDS", "THEAP", "BLANK", "BSCALE", "BZERO", "TSCAL",
                          "TZERO", "TNULL", "TBCOL", "ZBITPIX", "ZNAXIS", "ZPCOUNT", "ZGCOUNT", "ZTILE", "ZVAL",
                          "ZBLANK", "ZSCALE", "ZZERO", "ZDITHER"})
    if (stem == one) return true;
  return false;
}

// Those that it copies as texts, into buffers that hold what quotes may hold on a card.
bool is_text_keyword(const std::string& key) {
  std::string stem = key.substr(0, key.find_last_not_of("0123456789") + 1);
  for (const char* one : {"TTYPE", "TFORM", "TUNIT", "TDISP", "TDIM", "EXTNAME", "XTENSION", "ZCMPTYPE", "ZQUANTIZ",
                          "ZNAME", "ZTENSION", "BUNIT"})
    if (stem == one) return true;
  return false;
}

bool is_number(const std::string& text) {
  return text.size() <= 30 && text.find_first_not_of("0123456789+-.eEdD") == std::string::npos;
}

}  // namespace

bool is_quoted(const char* card) {
  int at = 9;
  while (at < kCard && card[at] == ' ') ++at;
  if (at == kCard || card[at] != '\'') return false;
  for (++at; at < kCard; ++at) {
    if (card[at] != '\'') continue;
    if (at + 1 == kCard || card[at + 1] != '\'') return true;
    ++at;
  }
  return false;
}

namespace {

struct Header {
  Cards cards;
  int64_t end = 0;  // offset of the data
};

// The header that begins at `offset`. The first of two cards of one keyword counts, as for CFITSIO.
Header header_at(int64_t offset, int64_t length, const Reader& read, size_t index) {
  Header header;
  std::vector<char> block(kBlock);
  for (int64_t at = offset;; at += kBlock) {
    if (at > length - kBlock || at - offset > kMostHeader)
      throw Refusal(Code::truncated, hdu_name(index) + ": the header has no END");
    read(at, block.data(), kBlock);
    for (int64_t card = 0; card < kBlock; card += kCard) {
      const char* text = block.data() + card;
      if (!may_be_structure(text[0])) continue;
      std::string key(text, 8);
      key.erase(key.find_last_not_of(' ') + 1);
      if (key == "END") {
        header.end = at + kBlock;
        return header;
      }
      bool numeric = is_numeric_keyword(key), quoted = is_text_keyword(key);
      // CFITSIO takes a keyword for what it is whatever follows it.
      if ((numeric || quoted) && (text[8] != '=' || text[9] != ' '))
        throw Refusal(Code::broken, hdu_name(index) + ": " + key + " has no value");
      if (text[8] != '=') continue;
      std::string value = value_of(text);
      if (numeric && !is_number(value)) throw Refusal(Code::broken, hdu_name(index) + ": " + key + " is " + value.substr(0, 30));
      if (quoted && !is_quoted(text)) throw Refusal(Code::broken, hdu_name(index) + ": " + key + " is not a text in quotes");
      if (text[9] == ' ') header.cards.emplace(key, value);
    }
  }
}

int64_t whole(const Header& header, const std::string& key, size_t index, int64_t least, int64_t most,
              const int64_t* otherwise = nullptr) {
  auto found = header.cards.find(key);
  if (found == header.cards.end()) {
    if (otherwise != nullptr) return *otherwise;
    throw Refusal(Code::broken, hdu_name(index) + ": the header has no " + key);
  }
  const std::string& text = found->second;
  errno = 0;
  char* end = nullptr;
  long long number = std::strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0' || errno == ERANGE || number < least || number > most)
    throw Refusal(Code::broken, hdu_name(index) + ": " + key + " is " + (text.empty() ? "empty" : text.substr(0, 30)));
  return number;
}

int64_t times(int64_t a, int64_t b, size_t index) {
  int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product))
    throw Refusal(Code::broken, hdu_name(index) + ": the header states more data than any file can hold");
  return product;
}

bool is_bitpix(int64_t bitpix) {
  return bitpix == 8 || bitpix == 16 || bitpix == 32 || bitpix == 64 || bitpix == -32 || bitpix == -64;
}

constexpr int64_t kAnySize = std::numeric_limits<int64_t>::max();

std::vector<int64_t> axes_of(const Header& header, const std::string& prefix, int64_t count, size_t index,
                             int64_t least) {
  std::vector<int64_t> axes;
  for (int64_t i = 1; i <= count; ++i) axes.push_back(whole(header, prefix + std::to_string(i), index, least, kAnySize));
  return axes;
}

// CFITSIO divides by Rice's block size and trusts its bytes a pixel.
void check_rice(const Header& header, const Hdu& hdu, size_t index) {
  if (hdu.compression != "RICE_1" && hdu.compression != "RICE_ONE") return;
  static constexpr int64_t kBlockSize = 32, kFour = 4;
  whole(header, "ZVAL1", index, 1, 1 << 16, &kBlockSize);
  int64_t wanted = hdu.bitpix == 8 ? 1 : hdu.bitpix == 16 ? 2 : 4;
  whole(header, "ZVAL2", index, wanted, wanted, &kFour);
}

void read_compressed(const Header& header, Hdu& hdu, int64_t rows, int64_t length, size_t index) {
  hdu.compressed = true;
  hdu.kind = Hdu::kImage;
  hdu.bitpix = whole(header, "ZBITPIX", index, -64, 64);
  if (!is_bitpix(hdu.bitpix)) throw Refusal(Code::broken, hdu_name(index) + ": ZBITPIX is " + std::to_string(hdu.bitpix));
  int64_t count = whole(header, "ZNAXIS", index, 1, 6);
  hdu.axes = axes_of(header, "ZNAXIS", count, index, 1);
  auto type = header.cards.find("ZCMPTYPE");
  if (type == header.cards.end()) throw Refusal(Code::broken, hdu_name(index) + ": the header has no ZCMPTYPE");
  hdu.compression = type->second;
  check_rice(header, hdu, index);
  int64_t pixels = 1, tile_pixels = 1, tiles = 1;
  for (int64_t i = 0; i < count; ++i) {
    int64_t axis = hdu.axes[i];
    int64_t usual = i == 0 ? axis : 1;
    int64_t tile = whole(header, "ZTILE" + std::to_string(i + 1), index, 1, kAnySize, &usual);
    tile_pixels = times(tile_pixels, tile, index);
    if (tile > axis) tile = axis;
    hdu.tile.push_back(tile);
    pixels = times(pixels, axis, index);
    tiles = times(tiles, (axis - 1) / tile + 1, index);
  }
  if (tiles != rows)
    throw Refusal(Code::broken, hdu_name(index) + ": " + std::to_string(tiles) + " tiles are stated, " + std::to_string(rows) +
                  " are there");
  int64_t bytes = times(pixels, 8, index);
  if (tile_pixels > kMostTile)
    throw Refusal(Code::too_large, hdu_name(index) + ": tiles of " + std::to_string(tile_pixels) +
                  " pixels are stated, at most " + std::to_string(kMostTile) + " are read");
  if (bytes / kMostRatio > length + kRoom / kMostRatio)
    throw Refusal(Code::broken, hdu_name(index) + ": " + std::to_string(pixels) + " compressed pixels are stated, in a file of " +
                  std::to_string(length) + " bytes");
}

}  // namespace

std::vector<Hdu> layout_of(int64_t length, const Reader& read) {
  std::vector<Hdu> hdus;
  int64_t offset = 0;
  while (offset <= length - kBlock) {
    size_t index = hdus.size();
    char start[10];
    read(offset, start, sizeof start);
    bool primary = index == 0;
    if (std::memcmp(start, primary ? "SIMPLE  = " : "XTENSION= ", 10) != 0) {
      if (primary) throw Refusal(Code::broken, "not a FITS file");
      break;  // special records, or whatever follows the last HDU
    }
    Header header = header_at(offset, length, read, index);
    Hdu hdu;
    std::string type = primary ? "IMAGE" : header.cards["XTENSION"];
    if (type == "BINTABLE" || type == "A3DTABLE") hdu.kind = Hdu::kTable;
    else if (type == "TABLE") hdu.kind = Hdu::kAsciiTable;
    else if (type != "IMAGE" && type != "IUEIMAGE") throw Refusal(Code::unsupported, hdu_name(index) + ": XTENSION is " + type);
    auto name = header.cards.find("EXTNAME");
    if (name != header.cards.end()) hdu.name = name->second;

    hdu.bitpix = whole(header, "BITPIX", index, -64, 64);
    if (!is_bitpix(hdu.bitpix)) throw Refusal(Code::broken, hdu_name(index) + ": BITPIX is " + std::to_string(hdu.bitpix));
    int64_t count = whole(header, "NAXIS", index, 0, 999);
    hdu.axes = axes_of(header, "NAXIS", count, index, 0);
    static constexpr int64_t kNone = 0, kOne = 1;
    int64_t extra = whole(header, "PCOUNT", index, 0, kAnySize, &kNone);
    int64_t groups = whole(header, "GCOUNT", index, 1, kAnySize, &kOne);
    if (primary && header.cards["GROUPS"] == "T" && count > 0 && hdu.axes[0] == 0)
      throw Refusal(Code::unsupported, "random groups are not images");
    int64_t elements = count == 0 ? 0 : 1;
    for (int64_t axis : hdu.axes) elements = times(elements, axis, index);
    if (elements > kAnySize - extra) throw Refusal(Code::broken, hdu_name(index) + ": PCOUNT is " + std::to_string(extra));
    int64_t bytes = times(times(elements + extra, groups, index), std::abs(hdu.bitpix) / 8, index);
    if (bytes > length - header.end)
      throw Refusal(Code::truncated, hdu_name(index) + ": the header states " + std::to_string(bytes) + " bytes of data, the file has " +
                    std::to_string(length - header.end) + " after it");
    hdu.data_bytes = bytes;
    hdu.header = offset;
    hdu.data = header.end;
    if (hdu.kind == Hdu::kTable && count == 2 && header.cards["ZIMAGE"] == "T")
      read_compressed(header, hdu, hdu.axes[1], length, index);
    if (hdu.kind == Hdu::kTable || hdu.compressed) whole(header, "TFIELDS", index, 0, 999);
    hdus.push_back(std::move(hdu));
    if (hdus.size() > 100000) throw Refusal(Code::too_large, "more than 100000 HDUs");
    offset = header.end + (bytes + kBlock - 1) / kBlock * kBlock;
  }
  if (hdus.empty()) throw length == 0 ? Refusal(Code::truncated, "the file is empty") : Refusal(Code::broken, "not a FITS file");
  return hdus;
}

}  // namespace arclet
