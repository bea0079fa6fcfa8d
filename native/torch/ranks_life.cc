// Signs of life between ranks.
#include "ranks.h"

#ifdef ARCLET_RANKS

namespace arclet {
namespace {

constexpr auto kBeat = std::chrono::milliseconds(500);
constexpr const char* kLost = "lost";
constexpr const char* kSeen = "seen";  // how many but rank 0 know of it: rank 0, with whom the store ends, waits for them

std::string beat_of(int64_t rank) { return "beat/" + std::to_string(rank); }

std::vector<uint8_t> bytes_of(const Lost& lost) {
  std::string text = std::to_string(lost.rank) + " " + lost.reason;
  return {text.begin(), text.end()};
}

Lost lost_of(const std::vector<uint8_t>& bytes) {
  std::string text(bytes.begin(), bytes.end());
  size_t space = text.find(' ');
  return {std::strtoll(text.c_str(), nullptr, 10), space == std::string::npos ? "" : text.substr(space + 1)};
}

}  // namespace

Life::Life(c10::intrusive_ptr<c10d::TCPStore> store, int64_t rank, int64_t size, Seconds silence)
    : store_(std::move(store)), rank_(rank), size_(size), silence_(silence) {
  thread_ = std::thread([this] { watch(); });
}

Life::~Life() {
  stop_ = true;
  thread_.join();
}

std::optional<Lost> Life::lost() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return lost_;
}

void Life::tell(const std::string& reason) {
  report({rank_, reason});
  try {
    know();
  } catch (const std::exception&) {
    // As in report.
  }
}

// Counts this rank among those that know of the loss, once.
void Life::know() {
  if (rank_ != 0 && !knows_.exchange(true)) store_->add(kSeen, 1);
}

// The first to be reported counts: the others follow from it.
void Life::report(const Lost& lost) {
  try {
    if (!store_->check({kLost})) store_->set(kLost, bytes_of(lost));
  } catch (const std::exception&) {
    // Rank 0 is gone with the store; the thread has noticed that, or will.
  }
}

void Life::watch() {
  int64_t next = (rank_ + 1) % size_, count = 0;
  auto since = std::chrono::steady_clock::now();
  while (!stop_) {
    try {
      store_->add(beat_of(rank_), 1);
      if (size_ > 1) look(next, count, since);
      if (store_->check({kLost})) {
        Lost lost = lost_of(store_->get(kLost));
        {
          std::lock_guard<std::mutex> lock(mutex_);
          lost_ = lost;
        }
        know();
        return;
      }
    } catch (const std::exception&) {
      std::lock_guard<std::mutex> lock(mutex_);
      if (!stop_ && !lost_) lost_ = Lost{0, ""};
      return;
    }
    std::this_thread::sleep_for(kBeat);
  }
}

// Reports the next rank if it has given signs of life, and gives none any more.
void Life::look(int64_t next, int64_t& count, std::chrono::steady_clock::time_point& since) {
  int64_t now = store_->add(beat_of(next), 0);
  if (now != count || now == 0) {
    count = now;
    since = std::chrono::steady_clock::now();
  } else if (std::chrono::steady_clock::now() - since > silence_) {
    report({next, ""});
  }
}

}  // namespace arclet
#endif
