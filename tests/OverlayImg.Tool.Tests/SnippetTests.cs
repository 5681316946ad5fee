using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of the snippets in a root directory with only bash and the programs that the snippets call.</summary>
public sealed class SnippetTests(InstalledTool tool)
{
    private static readonly string[] Programs = ["bash", "mkdir", "cat", "chmod", "ln", "id", "getent"];

    [Fact]
    public async Task Fake_nss_defines_root_and_nobody()
    {
        using var directory = await RootAsync();
        Assert.Equal("uid=65534(nobody) gid=65534(nobody) groups=65534(nobody)\nroot:x:0:0:root user:/var/empty:/bin/sh\n555\n",
            await RunAsync(directory, "fake-nss", "id nobody; getent passwd root", "stat -c %a root/var/empty"));
    }

    [Fact]
    public async Task Shadow_setup_creates_the_files_of_shadow()
    {
        using var directory = await RootAsync();
        var said = await RunAsync(
            directory, "shadow-setup", "getent passwd root; getent group root",
            "ls root/etc/shadow root/etc/gshadow root/etc/pam.d/other root/etc/login.defs");
        Assert.Equal("root:x:0:0::/root:/bin/sh\nroot:x:0:\nroot/etc/gshadow\nroot/etc/login.defs\nroot/etc/pam.d/other\nroot/etc/shadow\n", said);
    }

    [Fact]
    public async Task Bin_sh_runs_scripts_and_usr_bin_env_finds_programs()
    {
        using var directory = await RootAsync("env");
        await Testing.Tool.BashAsync("mkdir -p root/nix/store/abc-coreutils/bin; mv root/bin/env root/nix/store/abc-coreutils/bin/", directory.Path);
        Assert.Equal(
            "sh works\n", await RunAsync(directory, "bin-sh", "printf '#!/bin/sh\\necho sh works\\n' >/script; chmod 755 /script; /script", "true"));
        Assert.Equal(
            "env works\n",
            await RunAsync(directory, "usr-bin-env", "printf '#!/usr/bin/env bash\\necho env works\\n' >/script; PATH=/bin /script", "true"));
    }

    [Fact]
    public async Task Without_a_program_the_link_is_refused()
    {
        using var directory = await RootAsync();
        var script = (await tool.RunAsync(["snippet", "usr-bin-env"])).Succeeded().StandardOutput;
        var run = await Testing.Tool.RunAsync("chroot", [directory["root"], "/bin/bash", "-e", "-c", script]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no env, coreutils or busybox", run.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ca_certificates_copies_the_hosts_certificates_to_three_names()
    {
        using var directory = await RootAsync();
        var sums = await RunAsync(directory, "ca-certificates", "true",
            "for f in etc/ssl/certs/ca-bundle.crt etc/ssl/certs/ca-certificates.crt etc/pki/tls/certs/ca-bundle.crt; " +
            "do chroot root /bin/bash -c \"cat /$f\" | cmp - /etc/ssl/certs/ca-certificates.crt; done; echo same");
        Assert.Equal("same\n", sums);
    }

    [Theory]
    [InlineData("fake-nss", "etc/passwd")]
    [InlineData("shadow-setup", "etc/passwd")]
    [InlineData("bin-sh", "bin/sh")]
    [InlineData("ca-certificates", "etc/ssl/certs/ca-certificates.crt")]
    public async Task Existing_files_are_kept(string snippet, string path)
    {
        using var directory = await RootAsync();
        await Testing.Tool.BashAsync($"mkdir -p $(dirname root/{path}); echo mine > root/{path}", directory.Path);
        Assert.Equal("mine\n", await RunAsync(directory, snippet, "true", $"cat root/{path}"));
    }

    [Fact]
    public async Task Without_a_name_the_snippets_are_listed()
    {
        var lines = (await tool.RunAsync(["snippet"])).Succeeded().StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["shadow-setup", "fake-nss", "bin-sh", "usr-bin-env", "ca-certificates"], lines.Select(line => line.Split(' ')[0]));
    }

    /// <summary>Runs a snippet and a script in the root, then a script outside; returns the output of both.</summary>
    private async Task<string> RunAsync(TemporaryDirectory directory, string snippet, string inside, string outside)
    {
        var script = (await tool.RunAsync(["snippet", snippet])).Succeeded().StandardOutput;
        await File.WriteAllTextAsync(directory["root/setup"], $"{script}{inside}\n");
        return await Testing.Tool.BashAsync($"umask 022; chroot root /bin/bash -e /setup; {outside}", directory.Path);
    }

    private static async Task<TemporaryDirectory> RootAsync(params string[] more)
    {
        var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync($$"""
            mkdir -p root/bin
            for program in {{string.Join(' ', Programs.Concat(more))}}; do
              cp $(command -v $program) root/bin/
              for library in $(ldd $(command -v $program) | grep -o '/[^ ]*'); do mkdir -p root$(dirname $library); cp -L $library root$library; done
            done
            for library in /lib/*-linux-gnu/libnss_files*; do [ ! -e $library ] || cp -L $library root$(dirname $library); done
            """, directory.Path);
        return directory;
    }
}
