// Objects that JavaScript holds by number.
#pragma once

#include "calls.h"

#include <memory>
#include <unordered_map>
#include <utility>

namespace arclet {

// A number is never reused, so that the number of a closed object reaches no other.
template <class T>
class Shelf {
 public:
  // `name` is what refusals call an object.
  explicit Shelf(const char* name) : name_(name) {}

  double keep(std::unique_ptr<T> thing) {
    things_.emplace(++last_, std::move(thing));
    return static_cast<double>(last_);
  }
  // The object whose number is the next argument.
  T& at(Arguments& in) {
    auto found = things_.find(number(in));
    if (found == things_.end()) throw Refusal(Code::argument, std::string("the ") + name_ + " is closed");
    return *found->second;
  }
  void drop(Arguments& in) { things_.erase(number(in)); }
  size_t size() const { return things_.size(); }

 private:
  uint64_t number(Arguments& in) { return static_cast<uint64_t>(in.whole(name_, 0, int64_t{1} << 52)); }

  const char* name_;
  uint64_t last_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<T>> things_;
};

}  // namespace arclet
