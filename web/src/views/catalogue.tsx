/** What the dataset's table says of the object. Values are text, whatever they contain. */
import type { BesideAnswer } from "../../../src/inspect/look-contract.ts";

export function CatalogueTable({ beside }: { beside: BesideAnswer | null }) {
  const values = beside?.catalogue;
  if (!values || values.length === 0) return null;
  return (
    <details class="catalogue" open>
      <summary>Catalogue</summary>
      <table>
        <tbody>
          {values.map(({ name, value }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
