/**
 * Variables in settings.
 *
 * Owns the replacement of `${workspaceFolder}` and `${env:NAME}`. Pure. Anything else in `${…}` stays as it is.
 */

/** `text` with its variables replaced. */
export function substitute(text: string, folder: string | undefined, env: Record<string, string | undefined>): string {
  return text.replace(/\$\{(workspaceFolder|env:([^}]*))\}/g, (whole, _name: string, variable: string | undefined) => {
    if (variable !== undefined) return env[variable] ?? "";
    return folder ?? whole;
  });
}
