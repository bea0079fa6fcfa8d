/** An object's tags: free words. Everything here is text. */
import { useRef, useState } from "preact/hooks";
import type { ObjectFacts } from "../../../src/inspect/contract.ts";
import { LONGEST_TAG, MOST_TAGS } from "../../../src/inspect/grades.ts";
import type { SearchState } from "../state/use-search.ts";
import { Key } from "./key.tsx";

export function Tags({ search, facts }: { search: SearchState; facts: ObjectFacts }) {
  const [text, setText] = useState("");
  /** Escape leaves the field without what is in it. */
  const left = useRef(false);
  const { readOnly } = search.session;
  const { tags, row } = facts;
  const save = (next: string[]) => void search.tag(row, next);
  const add = () => {
    const fresh = text.trim();
    setText("");
    if (left.current) left.current = false;
    else if (fresh !== "" && !tags.includes(fresh)) save([...tags, fresh]);
  };
  return (
    <div class="tagging">
      {tags.length > 0 && (
        <ul class="tags" aria-label="Tags">
          {tags.map((tag) => (
            <li key={tag}>
              {readOnly ? (
                tag
              ) : (
                <button
                  type="button"
                  aria-label={`Remove the tag ${tag}`}
                  onClick={() => save(tags.filter((other) => other !== tag))}
                >
                  {tag} ×
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {!readOnly && (
        <label>
          <span>
            Tag <Key name="y" />
          </span>
          <input
            id="tag"
            type="text"
            list="known-tags"
            aria-label="New tag"
            autocomplete="off"
            maxLength={LONGEST_TAG}
            disabled={tags.length >= MOST_TAGS}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onBlur={add}
            onKeyDown={(event) => {
              if (event.key === "Enter") add();
              if (event.key === "Escape") {
                left.current = true;
                event.currentTarget.blur();
              }
            }}
          />
          <datalist id="known-tags">
            {search.progress.tags.map(({ tag }) => (
              <option key={tag} value={tag} />
            ))}
          </datalist>
        </label>
      )}
    </div>
  );
}
