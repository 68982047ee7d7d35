import { gt, prerelease, rsort } from 'semver'

/**
 * The version that whoever runs `current` would want, by the versions that the registry's tags name; `null` when there is none that is newer.
 * A release is offered when it is `latest`. A prerelease is offered only to those who run one that no release has overtaken.
 */
export function newest(current: string, tags: Readonly<Record<string, string>>): string | null {
  const { latest } = tags
  if (latest !== undefined && !prerelease(latest) && gt(latest, current)) return latest
  if (!prerelease(current)) return null
  const [first] = rsort(Object.values(tags))
  return first !== undefined && gt(first, current) ? first : null
}
