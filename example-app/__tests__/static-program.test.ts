import { environmentOf } from '../programs/static-program'

test.each([
  ['/app/node_modules/@ffprobe-installer/linux-x64/ffprobe', { PATH: '/bin', GCONV_PATH: '/nonexistent' }],
  [
    String.raw`C:\app\node_modules\@ffmpeg-installer\win32-x64\ffmpeg.exe`,
    { PATH: '/bin', GCONV_PATH: '/nonexistent' },
  ],
  ['/usr/bin/ffprobe', { PATH: '/bin' }],
  ['ffmpeg', { PATH: '/bin' }],
])('%s gets the environment %j', (file, environment) => {
  expect(environmentOf(file, { PATH: '/bin' })).toEqual(environment)
})
