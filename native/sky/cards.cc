// Cards that other tools write and WCSLIB takes for something else, put right before it reads them. See cards.h.
#include "cards.h"

#include "../node/refusal.h"
#include "layout.h"

#include <wcslib/wcs.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace arclet {
namespace {

constexpr size_t kCard = 80;

// The keyword of a card that has a value; empty for others.
std::string key_of(const char* card) {
  if (card[8] != '=') return "";
  std::string key(card, 8);
  key.erase(key.find_last_not_of(' ') + 1);
  return key;
}

size_t value_at(const char* card) {
  size_t at = 9;
  while (at < kCard && card[at] == ' ') ++at;
  return at;
}

// FITS standard 4.0, section 4.2.4: a real number's exponent may be written with D. WCSLIB ends the number there.
void mend_exponent(char* card) {
  size_t at = value_at(card), digits = 0;
  if (at < kCard && (card[at] == '+' || card[at] == '-')) ++at;
  for (; at < kCard && (std::isdigit(static_cast<unsigned char>(card[at])) || card[at] == '.'); ++at) ++digits;
  if (digits > 0 && at < kCard && std::strchr("dDe", card[at]) != nullptr) card[at] = 'E';
}

// PVi_m of an axis (1 or 2) of the primary description; false for all other keywords.
bool is_parameter(const std::string& key, int& axis, int& number) {
  if (key.size() < 5 || key.compare(0, 2, "PV") != 0 || (key[2] != '1' && key[2] != '2') || key[3] != '_') return false;
  if (key.find_first_not_of("0123456789", 4) != std::string::npos) return false;
  axis = key[2] - '0';
  number = std::atoi(key.c_str() + 4);
  return true;
}

// What decides how PV cards are meant.
struct Parameters {
  size_t ctype[3] = {std::string::npos, std::string::npos, std::string::npos};  // places of CTYPE1 and CTYPE2
  std::vector<size_t> cards;
  int most = -1;              // the largest m
  bool linear[3] = {false, false, false};  // whether an axis has its PVi_1
  bool on_latitude = false;   // one that isn't 0
  bool identity = true;       // as SCAMP's polynomials they change nothing
  std::string first_on_latitude;
};

std::string text_value(const std::string& header, size_t card) {
  size_t from = header.find('\'', card + 9);
  if (from == std::string::npos || from >= card + kCard) return "";
  size_t to = header.find('\'', from + 1);
  if (to == std::string::npos || to >= card + kCard) return "";
  std::string text = header.substr(from + 1, to - from - 1);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

bool is_latitude(const std::string& ctype) {
  return ctype.compare(0, 3, "DEC") == 0 || (ctype.size() > 4 && ctype.compare(1, 3, "LAT") == 0);
}

Parameters parameters_of(const std::string& header) {
  Parameters found;
  for (size_t at = 0; at + kCard <= header.size(); at += kCard) {
    std::string key = key_of(header.data() + at);
    if (key == "CTYPE1") found.ctype[1] = at;
    if (key == "CTYPE2") found.ctype[2] = at;
  }
  for (size_t at = 0; at + kCard <= header.size(); at += kCard) {
    std::string key = key_of(header.data() + at);
    int axis = 0, number = 0;
    if (!is_parameter(key, axis, number)) continue;
    double value = std::atof(header.c_str() + at + value_at(header.data() + at));
    found.cards.push_back(at);
    if (number == 1) found.linear[axis] = true;
    if (value != (number == 1 ? 1 : 0)) found.identity = false;
    found.most = std::max(found.most, number);  // 0 too: SCAMP writes all terms of a degree
    bool latitude = found.ctype[axis] != std::string::npos && is_latitude(text_value(header, found.ctype[axis]));
    if (!latitude || value == 0) continue;
    found.on_latitude = true;
    if (found.first_on_latitude.empty()) found.first_on_latitude = key;
  }
  return found;
}

void erase_cards(std::string& header, const std::vector<size_t>& cards) {
  for (size_t at : cards) header.replace(at, kCard, kCard, ' ');
}

// TPV's linear term is 1 where no card says otherwise; WCSLIB takes it for 0.
void add_linear_terms(std::string& header, const Parameters& found) {
  for (int axis : {1, 2})
    if (!found.linear[axis]) {
      std::string card = "PV" + std::to_string(axis) + "_1   =                  1.0";
      header.insert(0, card + std::string(kCard - card.size(), ' '));
    }
}

// SCAMP, and all who take its headers, write polynomials of the tangent plane as PV1_0 to PV2_39 under CTYPE TAN
// (TPV's registration in the FITS convention registry). The standard knows PV1_0 to PV1_4 of the longitude alone there
// (Calabretta & Greisen 2002, section 2.5). So: any PVi_m with m of 5 or more is SCAMP's; less on the longitude alone is
// the standard's; less on the latitude is neither's.
void mend_scamp(std::string& header) {
  Parameters found = parameters_of(header);
  if (found.ctype[1] == std::string::npos || found.ctype[2] == std::string::npos) return;
  std::string codes[3];
  for (int axis : {1, 2}) {
    std::string ctype = text_value(header, found.ctype[axis]);
    codes[axis] = ctype.size() > 5 ? ctype.substr(5) : "";
  }
  if (codes[1] == "TPV" && codes[2] == "TPV") return add_linear_terms(header, found);
  if (found.cards.empty()) return;
  bool scamp = found.most > 4 || found.on_latitude;
  if (codes[1] == "TAN-SIP" && codes[2] == "TAN-SIP" && scamp) return erase_cards(header, found.cards);
  if (codes[1] != "TAN" || codes[2] != "TAN") return;
  if (found.most > 4) {
    for (int axis : {1, 2}) header.replace(header.find("TAN", found.ctype[axis] + 9), 3, "TPV");
    add_linear_terms(header, found);
  } else if (found.on_latitude && found.identity) {
    erase_cards(header, found.cards);
  } else if (found.on_latitude) {
    throw Refusal(Code::unsupported,
                  found.first_on_latitude + " is no parameter of CTYPE " + text_value(header, found.ctype[1]) +
                      "; if the PV cards are SCAMP's polynomials, write TPV in place of TAN in CTYPE1 and CTYPE2, if " +
                      "not, remove them");
  }
}

// Coordinates by a look-up table (Greisen et al. 2006, section 6) are in another HDU, which is not read. WCSLIB prepares for
// them, and uses memory that it has freed when a card contradicts itself: the axis stays, without its table.
void drop_table(char* card) {
  if (key_of(card).compare(0, 5, "CTYPE") != 0) return;
  for (size_t at = value_at(card) + 1; at + 4 <= kCard && card[at] != '\''; ++at)
    if (std::memcmp(card + at, "-TAB", 4) == 0) {
      while (at > 0 && card[at - 1] == '-') --at;
      for (; at < kCard && card[at] != '\''; ++at) card[at] = ' ';
      return;
    }
}

// Whether a card's value is a number as WCSLIB's grammar has it, with nothing but a comment behind it.
bool is_number(const char* card) {
  if (card[9] != ' ') return false;
  const char *at = card + value_at(card), *end = card + kCard;
  auto digits = [&] {
    const char* from = at;
    while (at < end && std::isdigit(static_cast<unsigned char>(*at))) ++at;
    return at - from;
  };
  if (at < end && (*at == '+' || *at == '-')) ++at;
  auto count = digits();
  if (at < end && *at == '.') ++at, count += digits();
  if (count == 0) return false;
  if (at < end && std::strchr("eEdD", *at) != nullptr) {
    ++at;
    if (at < end && (*at == '+' || *at == '-')) ++at;
    if (digits() == 0) return false;
  }
  while (at < end && *at == ' ') ++at;
  return at == end || *at == '/';
}

// Whether a card's value is a text with nothing but a comment behind it.
bool is_text(const char* card) {
  const char *at = card + value_at(card), *end = card + kCard;
  if (card[9] != ' ' || !is_quoted(card)) return false;
  const char* last = at + 1;
  while (last < end && *last != '\'') ++last;
  for (++last; last < end && *last == ' ';) ++last;
  return last >= end || *last == '/';
}

// Keywords of SIP (Shupe et al. 2005) and of the DSS's plates whose values are numbers.
bool is_distortion(const std::string& key) {
  size_t from = key.find('_');
  if (from != std::string::npos && from > 0 && from < 3 && std::strchr("AB", key[0]) != nullptr) return true;
  for (const char* stem : {"CNPIX", "PPO", "XPIXELSZ", "YPIXELSZ", "PLTRA", "PLTDEC", "PLTSCALE", "AMDX", "AMDY"})
    if (key.compare(0, std::strlen(stem), stem) == 0) return key != "PLTDECSN";
  return false;
}

// The polynomial that IRAF writes into the lines WATi_001 to WATi_999 of an axis, for TNX and ZPX: its control numbers (kind,
// orders in x and y, cross terms), by which WCSLIB makes room. Empty where the lines hold none.
std::vector<long> control_numbers(const std::string& lines, const std::string& axis) {
  auto broken = [&](const std::string& what) {
    return Refusal(Code::broken, "its WAT" + axis + " cards are not those of TNX or ZPX (" + what + ")");
  };
  if (lines.compare(0, 10, "wtype=tnx ") != 0 && lines.compare(0, 10, "wtype=zpx ") != 0) return {};
  for (size_t at = lines.find("projp"); at != std::string::npos; at = lines.find("projp", at + 1)) {
    size_t end = lines.find_first_not_of("0123456789", at + 5);
    if (end == at + 5 || end > at + 7 || end == std::string::npos || lines[end] != '=' ||
        std::atoi(lines.c_str() + at + 5) >= 30)
      throw broken("projp");
  }
  size_t at = lines.find('"');
  if (at == std::string::npos) throw broken("no polynomial");
  std::vector<long> numbers;
  const char* from = lines.c_str() + at + 1;
  for (int k = 0; k < 4; ++k) {
    numbers.push_back(std::strtol(from, nullptr, 10));
    from = std::strchr(from, ' ');
    if (from == nullptr) throw broken("no polynomial");
    ++from;
  }
  // Powers that WCSLIB has names for are below 10.
  static const long kMost[] = {3, 10, 10, 2};
  for (int k = 0; k < 4; ++k)
    if (numbers[k] < (k == 3 ? 0 : 1) || numbers[k] > kMost[k]) throw broken("control numbers");
  return numbers;
}

// Whether the WAT cards hold a polynomial that WCSLIB reads within its memory. Throws Refusal where they hold another one: it
// counts the terms of one axis and writes as many as the other's numbers say.
bool has_polynomial(const std::string& header) {
  std::string lines[2];
  for (size_t at = 0; at + kCard <= header.size(); at += kCard) {
    const char* card = header.data() + at;
    std::string key = key_of(card);
    if (key.size() != 8 || (key.compare(0, 5, "WAT1_") != 0 && key.compare(0, 5, "WAT2_") != 0) || !is_text(card))
      continue;
    size_t number = std::strtoul(key.c_str() + 5, nullptr, 10);
    std::string text(card + value_at(card) + 1, kCard - value_at(card) - 1), &whole = lines[key[3] - '1'];
    text.resize(std::min<size_t>(text.find('\''), 68), ' ');
    if (number == 0) continue;
    whole.resize(std::max(whole.size(), 68 * number), ' ');
    whole.replace(68 * (number - 1), text.size(), text);
  }
  std::vector<long> first = control_numbers(lines[0], "1"), second = control_numbers(lines[1], "2");
  if (first.empty() || second.empty()) return false;
  if (first != second)
    throw Refusal(Code::unsupported, "its WAT1 and WAT2 cards are polynomials of other kinds or orders");
  return true;
}

// WCSLIB makes room for a distortion where it accepts a card of it, on two axes, but writes into that room wherever it knows
// the keyword; and it believes what lines of WAT say of themselves. Such cards are left out.
void drop_unread(std::string& header) {
  bool plane = false, second = false;
  for (size_t at = 0; at + kCard <= header.size(); at += kCard) {
    std::string key = key_of(header.data() + at);
    if (key == "CTYPE2") second = true;
    if (key != "NAXIS" && key != "WCSAXES") continue;
    plane = is_number(header.data() + at) && std::atof(header.c_str() + at + value_at(header.data() + at)) >= 2;
    if (!plane) break;
  }
  bool polynomial = plane && second && has_polynomial(header);
  std::vector<size_t> unread;
  for (size_t at = 0; at + kCard <= header.size(); at += kCard) {
    const char* card = header.data() + at;
    std::string key = key_of(card);
    bool distortion = is_distortion(key) && !(plane && second && is_number(card));
    bool sign = key == "PLTDECSN" && !(plane && second && is_text(card));
    bool wat = key.compare(0, 5, "WAT1_") == 0 || key.compare(0, 5, "WAT2_") == 0;
    if (distortion || sign || (wat && (!polynomial || !is_text(card) || key.compare(5, 3, "000") == 0)))
      unread.push_back(at);
  }
  erase_cards(header, unread);
}

}  // namespace

std::string readable_cards(std::string header) {
  for (char& byte : header)
    if (byte < ' ' || byte > '~') byte = ' ';
  std::string kept;
  for (size_t at = 0; at + kCard <= header.size(); at += kCard) {
    char* card = &header[at];
    size_t from = value_at(card);
    // A keyword without a value: WCSLIB prints an empty line on the standard output.
    if (card[8] == '=' && (from >= kCard || card[from] == '/')) continue;
    bool text = card[8] == '=' && from < kCard && card[from] == '\'';
    // WCSLIB copies a text whose quotes are not closed past the end of its buffers.
    if (text && !is_quoted(card)) continue;
    if (card[8] == '=' && !text) mend_exponent(card);
    if (text) drop_table(card);
    kept.append(card, kCard);
  }
  drop_unread(kept);
  mend_scamp(kept);
  return kept;
}

void fold_cdelt(wcsprm& prm) {
  constexpr int kMatrixCd = 2, kRotation = 4;
  bool polynomial = false;
  int latitude = -1, longitude = -1;
  for (int i = 0; i < prm.naxis; ++i) {
    std::string ctype(prm.ctype[i], strnlen(prm.ctype[i], 72));
    for (const char* code : {"TPV", "TNX", "ZPX"})
      if (ctype.compare(std::min<size_t>(5, ctype.size()), 3, code) == 0) {
        polynomial = true;
        (is_latitude(ctype) ? latitude : longitude) = i;
      }
  }
  if (!polynomial || (prm.altlin & kMatrixCd) != 0) return;
  if ((prm.altlin & kRotation) != 0 && (prm.altlin & 1) == 0 && latitude >= 0 && longitude >= 0) {
    // Calabretta & Greisen 2002, equation 188
    double turn = prm.crota[latitude] * std::acos(-1.0) / 180, sin = std::sin(turn), cos = std::cos(turn);
    double ratio = prm.cdelt[latitude] / prm.cdelt[longitude];
    prm.pc[longitude * prm.naxis + longitude] = prm.pc[latitude * prm.naxis + latitude] = cos;
    prm.pc[longitude * prm.naxis + latitude] = -sin * ratio;
    prm.pc[latitude * prm.naxis + longitude] = sin / ratio;
  }
  for (int i = 0; i < prm.naxis; ++i) {
    for (int j = 0; j < prm.naxis; ++j) prm.pc[i * prm.naxis + j] *= prm.cdelt[i];
    prm.cdelt[i] = 1;
  }
  prm.altlin = 1;
}

}  // namespace arclet
