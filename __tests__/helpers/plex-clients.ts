import { elementsIn } from './xml'

/** What clients send, as they were seen on the wire; those that put their token into a header put this one there. */
export function headersOfClients(token: string) {
  const python = {
    'User-Agent': 'Python/3.12 PlexAPI/4.16.1',
    'Accept-Encoding': 'gzip, deflate',
    Accept: '*/*',
    'X-Plex-Platform': 'Linux',
    'X-Plex-Provides': 'controller',
    'X-Plex-Product': 'PlexAPI',
    'X-Plex-Token': token,
  }
  const goList = { 'User-Agent': 'speakeasy-sdk/go 0.19.1', Accept: 'application/json', 'X-Plex-Token': token }
  const manager = { 'User-Agent': 'axios/1.7.9', Accept: 'application/json, text/plain, */*' }
  const curl = { 'User-Agent': 'curl/8.14.1', Accept: '*/*' }
  const form = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '0' }
  return {
    python,
    pythonPage: { ...python, 'X-Plex-Container-Start': '0', 'X-Plex-Container-Size': '100' },
    goList,
    goDo: { ...goList, Accept: '*/*', accepts: 'application/xml', Cookie: '' },
    dart: { 'User-Agent': 'Dart/3.5 (dart:io)', Accept: 'application/json', 'X-Plex-Token': token },
    manager,
    managerPost: { ...manager, ...form },
    webTools: { 'User-Agent': 'WebTools-NG/1.2.0 Electron', Accept: 'application/json', 'X-Plex-Token': token },
    perl: { 'User-Agent': 'libwww-perl/6.77', TE: 'deflate,gzip;q=0.3', Connection: 'TE, close' },
    curl,
    curlData: { ...curl, ...form },
  }
}

/** An error, as clients get it that did not name JSON: what they parse, they parse as XML. */
export function expectPage({ body }: { body: string }): void {
  expect(() => elementsIn(body.replace(/>[^<]+</g, '><'))).not.toThrow()
}
