namespace OverlayImg.Layers.Ready;

/// <summary>The files of dockerTools' fakeNss: the accounts root and nobody, for programs that look up their own user.</summary>
internal static class FakeNss
{
    /// <summary>Content of <c>/etc/passwd</c>.</summary>
    public static ReadOnlySpan<byte> Passwd => "root:x:0:0:root user:/var/empty:/bin/sh\nnobody:x:65534:65534:nobody:/var/empty:/bin/sh\n"u8;

    /// <summary>Content of <c>/etc/group</c>.</summary>
    public static ReadOnlySpan<byte> Group => "root:x:0:\nnobody:x:65534:\n"u8;

    /// <summary>Content of <c>/etc/nsswitch.conf</c>, without which glibc's resolver may ignore <c>/etc/hosts</c>.</summary>
    public static ReadOnlySpan<byte> NameServiceSwitch => "hosts: files dns\n"u8;
}
