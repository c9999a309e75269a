/** Why something can't be shown. */
export function Failure({ message }: { readonly message: string }) {
  return (
    <p className="bad" role="alert">
      {message}
    </p>
  );
}
