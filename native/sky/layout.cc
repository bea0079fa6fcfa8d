// A FITS file's structure, read from its headers without CFITSIO, which trusts what a header states. See layout.h.
#include "layout.h"

#include "../node/refusal.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>
#include <unordered_map>

namespace arclet {
namespace {

constexpr int64_t kBlock = 2880;
constexpr int64_t kCard = 80;
constexpr int64_t kMostHeader = int64_t{1} << 26;  // 64 MiB of cards
// How far decompression may enlarge a file: gzip's best is 1032 to 1; the rest is for small files.
constexpr int64_t kMostRatio = 2000;
constexpr int64_t kRoom = int64_t{1} << 26;
// Pixels of a tile: CFITSIO counts its bytes in 32 bits.
constexpr int64_t kMostTile = std::numeric_limits<int32_t>::max() / 8;

using Cards = std::unordered_map<std::string, std::string>;

// The keyword's value as text, without quotes and trailing blanks.
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

// Whether a keyword may be one that the structure depends on, by its first letter: most in a header are not, and a file
// of one small image is mostly header.
bool may_be_structure(char first) { return std::memchr("BEGNPSTXZ", first, 9) != nullptr; }

// Keywords that CFITSIO reads as numbers. If one is a long text, it writes past the end of a buffer.
bool is_numeric_keyword(const std::string& key) {
  std::string stem = key.substr(0, key.find_last_not_of("0123456789") + 1);
  for (const char* one : {"BITPIX", "NAXIS", "PCOUNT", "GCOUNT", "TFIELDS", "THEAP", "BLANK", "BSCALE", "BZERO",
                          "TSCAL", "TZERO", "TNULL", "TBCOL", "ZBITPIX", "ZNAXIS", "ZPCOUNT", "ZGCOUNT", "ZTILE", "ZVAL",
                          "ZBLANK", "ZSCALE", "ZZERO", "ZDITHER"})
    if (stem == one) return true;
  return false;
}

// Keywords that it copies as texts, into buffers with space for what fits between quotes on a card.
bool is_text_keyword(const std::string& key) {
  std::string stem = key.substr(0, key.find_last_not_of("0123456789") + 1);
  for (const char* one : {"TTYPE", "TFORM", "TUNIT", "TDISP", "TDIM", "EXTNAME", "XTENSION", "ZCMPTYPE", "ZQUANTIZ",
                          "ZNAME", "ZTENSION", "BUNIT"})
    if (stem == one) return true;
  return false;
}

// Those by which CFITSIO allocates and reads.
bool is_structural(const std::string& key) {
  std::string stem = key.substr(0, key.find_last_not_of("0123456789") + 1);
  for (const char* one : {"BITPIX", "NAXIS", "PCOUNT", "GCOUNT", "TFIELDS", "THEAP", "TBCOL", "TTYPE", "TFORM", "ZBITPIX",
                          "ZNAXIS", "ZTILE", "ZVAL", "ZNAME", "ZCMPTYPE", "ZQUANTIZ", "ZDITHER"})
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
  size_t index = 0;  // of the HDU in the file
  Cards cards;
  int64_t end = 0;  // offset of the data
};

[[noreturn]] void refuse(const Header& header, const std::string& sentence, Code code = Code::broken) {
  throw Refusal(code, "HDU " + std::to_string(header.index) + ": " + sentence);
}

// Keeps a card that the structure may need, or refuses it if CFITSIO could not cope with it.
void take_card(const char* card, const std::string& key, Header& header) {
  bool numeric = is_numeric_keyword(key), quoted = is_text_keyword(key);
  // CFITSIO goes by the keyword alone, whatever follows it.
  if ((numeric || quoted) && (card[8] != '=' || card[9] != ' ')) refuse(header, key + " has no value");
  if (card[8] != '=') return;
  std::string value = value_of(card);
  if (numeric && !is_number(value)) refuse(header, key + " is " + value.substr(0, 30));
  if (quoted && !is_quoted(card)) refuse(header, key + " is not a quoted string");
  if (card[9] != ' ') return;
  auto [found, first] = header.cards.emplace(key, value);
  // CFITSIO may find either.
  if (!first && found->second != value && is_structural(key))
    refuse(header, key + " is both " + found->second.substr(0, 30) + " and " + value.substr(0, 30));
}

// The header that starts at `offset`. Of two cards with one keyword the first counts, as in CFITSIO.
Header header_at(int64_t offset, int64_t length, const Reader& read, size_t index) {
  Header header;
  header.index = index;
  std::vector<char> block(kBlock);
  for (int64_t at = offset;; at += kBlock) {
    if (at > length - kBlock || at - offset > kMostHeader) refuse(header, "the header has no END", Code::truncated);
    read(at, block.data(), kBlock);
    for (int64_t place = 0; place < kBlock; place += kCard) {
      const char* card = block.data() + place;
      if (!may_be_structure(card[0])) continue;
      std::string key(card, 8);
      key.erase(key.find_last_not_of(' ') + 1);
      if (key == "END") {
        header.end = at + kBlock;
        return header;
      }
      take_card(card, key, header);
    }
  }
}

int64_t whole(const Header& header, const std::string& key, int64_t least, int64_t most,
              std::optional<int64_t> otherwise = std::nullopt) {
  auto found = header.cards.find(key);
  if (found == header.cards.end() && otherwise) return *otherwise;
  if (found == header.cards.end()) refuse(header, "the header has no " + key);
  const std::string& text = found->second;
  errno = 0;
  char* end = nullptr;
  long long number = std::strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0' || errno == ERANGE || number < least || number > most)
    refuse(header, key + " is " + (text.empty() ? "empty" : text.substr(0, 30)));
  return number;
}

int64_t bitpix_of(const Header& header, const std::string& key) {
  int64_t bitpix = whole(header, key, -64, 64);
  for (int64_t one : {8, 16, 32, 64, -32, -64})
    if (bitpix == one) return bitpix;
  refuse(header, key + " is " + std::to_string(bitpix));
}

int64_t times(const Header& header, int64_t a, int64_t b) {
  int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) refuse(header, "the header states more data than any file can hold");
  return product;
}

constexpr int64_t kAnySize = std::numeric_limits<int64_t>::max();

std::vector<int64_t> axes_of(const Header& header, const std::string& prefix, int64_t count, int64_t least) {
  std::vector<int64_t> axes;
  for (int64_t i = 1; i <= count; ++i) axes.push_back(whole(header, prefix + std::to_string(i), least, kAnySize));
  return axes;
}

// CFITSIO divides by Rice's block size and trusts its bytes per pixel. In its oldest files the second value is another.
void read_rice(const Header& header, Hdu& hdu) {
  if (hdu.compression != "RICE_1" && hdu.compression != "RICE_ONE") return;
  int64_t wanted = hdu.bitpix == 8 ? 1 : hdu.bitpix == 16 ? 2 : 4;
  auto name = header.cards.find("ZNAME2");
  bool oldest = name != header.cards.end() && name->second == "NOISEBIT";
  hdu.rice.block = whole(header, "ZVAL1", 1, 1 << 16);
  hdu.rice.width = oldest ? 4 : static_cast<int>(whole(header, "ZVAL2", wanted, wanted, 4));
}

// What a table's header says about the compressed image in it.
void read_compressed(const Header& header, Hdu& hdu, int64_t rows, int64_t length) {
  hdu.compressed = true;
  hdu.kind = Hdu::kImage;
  hdu.bitpix = bitpix_of(header, "ZBITPIX");
  int64_t count = whole(header, "ZNAXIS", 1, 6);
  hdu.axes = axes_of(header, "ZNAXIS", count, 1);
  auto type = header.cards.find("ZCMPTYPE");
  if (type == header.cards.end()) refuse(header, "the header has no ZCMPTYPE");
  hdu.compression = type->second;
  auto quantization = header.cards.find("ZQUANTIZ");
  if (quantization != header.cards.end()) hdu.quantization = quantization->second;
  whole(header, "ZDITHER0", 1, 10000, 1);  // a place in a table of CFITSIO
  read_rice(header, hdu);
  if (hdu.compression == "HCOMPRESS_1" && header.cards.count("ZVAL1") == 0) refuse(header, "the header has no ZVAL1");
  int64_t pixels = 1, tile_pixels = 1, tiles = 1;
  for (int64_t i = 0; i < count; ++i) {
    int64_t axis = hdu.axes[i];
    int64_t tile = whole(header, "ZTILE" + std::to_string(i + 1), 1, kAnySize, i == 0 ? axis : 1);
    tile_pixels = times(header, tile_pixels, tile);
    if (tile > axis) tile = axis;
    hdu.tile.push_back(tile);
    pixels = times(header, pixels, axis);
    tiles = times(header, tiles, (axis - 1) / tile + 1);
  }
  if (tiles != rows)
    refuse(header, "the header states " + std::to_string(tiles) + " tiles, the table has " + std::to_string(rows));
  int64_t bytes = times(header, pixels, 8);
  if (tile_pixels > kMostTile)
    refuse(header, "a tile is stated to have " + std::to_string(tile_pixels) + " pixels, at most " +
                       std::to_string(kMostTile) + " are read", Code::too_large);
  if (bytes / kMostRatio > length + kRoom / kMostRatio)
    refuse(header, std::to_string(pixels) + " compressed pixels are stated, too many for a file of " +
                       std::to_string(length) + " bytes");
}

// Bytes of an HDU's data, which must be inside the file.
int64_t data_length(const Header& header, const Hdu& hdu, int64_t length) {
  int64_t extra = whole(header, "PCOUNT", 0, kAnySize, 0);
  int64_t groups = whole(header, "GCOUNT", 1, kAnySize, 1);
  int64_t elements = hdu.axes.empty() ? 0 : 1;
  for (int64_t axis : hdu.axes) elements = times(header, elements, axis);
  if (elements > kAnySize - extra) refuse(header, "PCOUNT is " + std::to_string(extra));
  int64_t bytes = times(header, times(header, elements + extra, groups), std::abs(hdu.bitpix) / 8);
  if (bytes > length - header.end)
    refuse(header, "the header states " + std::to_string(bytes) + " bytes of data, the file has " +
                       std::to_string(length - header.end) + " after it", Code::truncated);
  return bytes;
}

Hdu::Kind kind_of(const Header& header) {
  if (header.index == 0) return Hdu::kImage;
  auto found = header.cards.find("XTENSION");
  std::string type = found == header.cards.end() ? "" : found->second;
  if (type == "BINTABLE" || type == "A3DTABLE") return Hdu::kTable;
  if (type == "TABLE") return Hdu::kAsciiTable;
  if (type == "IMAGE" || type == "IUEIMAGE") return Hdu::kImage;
  refuse(header, "XTENSION is " + type, Code::unsupported);
}

bool is_set(const Header& header, const char* key) {
  auto found = header.cards.find(key);
  return found != header.cards.end() && found->second == "T";
}

Hdu hdu_of(const Header& header, int64_t offset, int64_t length) {
  Hdu hdu;
  hdu.kind = kind_of(header);
  auto name = header.cards.find("EXTNAME");
  if (name != header.cards.end()) hdu.name = name->second;
  auto version = header.cards.find("EXTVER");
  if (version != header.cards.end()) hdu.version = std::max(1L, std::atol(version->second.c_str()));
  hdu.bitpix = bitpix_of(header, "BITPIX");
  int64_t count = whole(header, "NAXIS", 0, 999);
  hdu.axes = axes_of(header, "NAXIS", count, 0);
  if (header.index == 0 && is_set(header, "GROUPS") && count > 0 && hdu.axes[0] == 0)
    throw Refusal(Code::unsupported, "random groups are not read");
  hdu.data_bytes = data_length(header, hdu, length);
  hdu.header = offset;
  hdu.data = header.end;
  if (hdu.kind == Hdu::kTable && count == 2 && is_set(header, "ZIMAGE"))
    read_compressed(header, hdu, hdu.axes[1], length);
  if (hdu.kind != Hdu::kImage || hdu.compressed) whole(header, "TFIELDS", 0, 999);
  return hdu;
}

}  // namespace

std::vector<Hdu> layout_of(int64_t length, const Reader& read) {
  constexpr size_t kMostHdus = 100000;
  if (length == 0) throw Refusal(Code::truncated, "the file is empty");
  std::vector<Hdu> hdus;
  int64_t offset = 0;
  while (offset <= length - kBlock) {
    char start[10];
    read(offset, start, sizeof start);
    // what follows the last HDU, special records among it, is left alone
    if (std::memcmp(start, hdus.empty() ? "SIMPLE  = " : "XTENSION= ", sizeof start) != 0) break;
    Header header = header_at(offset, length, read, hdus.size());
    hdus.push_back(hdu_of(header, offset, length));
    if (hdus.size() > kMostHdus) throw Refusal(Code::too_large, "has more than 100000 HDUs");
    offset = header.end + (hdus.back().data_bytes + kBlock - 1) / kBlock * kBlock;
  }
  if (hdus.empty()) throw Refusal(Code::broken, "not a FITS file");
  return hdus;
}

}  // namespace arclet
