// An empty project of somebody else's, with the package installed from its tarball and nothing from the network.

import {execFile} from 'node:child_process'
import {mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {promisify} from 'node:util'

const WEB = resolve(import.meta.dirname, '../..')
const TOOLS = join(WEB, 'node_modules/.bin')
const run = promisify(execFile)

export class Shop {
  private constructor(
    readonly folder: string,
    /** Where the package lies that was installed. */
    readonly tarball: string,
  ) {}

  /**
   * @param modules of this repository that the project has installed as well, such as `react`.
   * @param tarball of another project; the package is made anew without.
   */
  static async open(modules: readonly string[] = [], tarball?: string): Promise<Shop> {
    const folder = await mkdtemp(join(tmpdir(), 'viva-shop-'))
    const shop = new Shop(folder, tarball ?? (await packed(folder)))
    await shop.write('package.json', '{"name": "shop", "version": "1.0.0", "type": "module", "private": true}')
    await shop.run('npm', 'install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', shop.tarball)
    for (const name of modules) {
      const link = join(folder, 'node_modules', name)
      await mkdir(dirname(link), {recursive: true})
      await symlink(join(WEB, 'node_modules', name), link)
    }
    return shop
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), {recursive: true})
    await writeFile(join(this.folder, path), text)
  }

  read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8')
  }

  /** @throws Error with what the program said, when it fails. */
  async run(command: string, ...args: string[]): Promise<{readonly stdout: string}> {
    try {
      return await run(command, args, {
        cwd: this.folder,
        env: {...process.env, PATH: `${TOOLS}:${process.env['PATH']}`},
      })
    } catch (error) {
      const {stdout, stderr} = error as {stdout: string; stderr: string}
      throw new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`)
    }
  }

  /** Runs a module of the project in Node, and reads the JSON that it writes. */
  async node(code: string): Promise<unknown> {
    await this.write('run.js', code)
    return JSON.parse((await this.run('node', 'run.js')).stdout)
  }

  /** What a bundler makes of a module. */
  async bundle(code: string, ...options: string[]): Promise<string> {
    await this.write('entry.jsx', code)
    const args = ['entry.jsx', '--bundle', '--format=esm', '--minify', '--jsx=automatic', ...options]
    return (await this.run('esbuild', ...args)).stdout
  }

  async close(): Promise<void> {
    await rm(this.folder, {recursive: true, force: true})
  }
}

async function packed(folder: string): Promise<string> {
  const dist = join(folder, '.dist')
  await run('node', ['pack.mjs', dist], {cwd: WEB})
  const {stdout} = await run('npm', ['pack', dist, '--json', '--pack-destination', folder], {cwd: folder})
  await rm(dist, {recursive: true})
  const [{filename}] = JSON.parse(stdout)
  return join(folder, filename)
}
