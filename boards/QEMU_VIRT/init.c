// SPDX-License-Identifier: MIT
// The first process on the emulated machine: what a dock's own boot does around the firmware. It
// loads the drivers, brings the network up, runs the program and powers off when that has ended.
//
// What is special to one boot comes as environment from the kernel's command line; variables that
// start with DL7450_ are the program's (modules/README.md), but for three of its own:
//   DL7450_SERIAL=DEVICE        a line for a REPL: it stays when the app has ended
//   DL7450_NAME_SERVER=ADDRESS  instead of QEMU's
//   DL7450_PROGRAM=PATH         instead of the firmware's
//
// The program runs once. A UART never hangs up as long as its program set CLOCAL, which this one
// does: with a serial line it ends only when it cannot have the line or dies, and starting it again
// would hide that, or go round for ever.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "/bin/dl7450"
#define ROM_DISK "/dev/vda"
#define DATA_DISK "/dev/vdb"
#define FILES_LIMIT "size=5m"

// QEMU's user network is always this one.
#define ADDRESS "10.0.2.15"
#define NETMASK "255.255.255.0"
#define GATEWAY "10.0.2.2"
#define NAME_SERVER "10.0.2.3"

static void complain(const char *what) {
    fprintf(stderr, "init: %s: %s\n", what, strerror(errno));
}

static void mount_at(const char *device, const char *folder, const char *type, const char *options) {
    mkdir(folder, 0755);
    if (mount(device, folder, type, 0, options) != 0) {
        complain(folder);
    }
}

static void load_driver(const char *name) {
    char path[64];
    snprintf(path, sizeof(path), "/lib/drivers/%s.ko", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) != 0) {
        complain(path);
    }
    close(fd);
}

static void set_address(struct sockaddr *field, const char *address) {
    struct sockaddr_in *in = (struct sockaddr_in *)field;
    in->sin_family = AF_INET;
    inet_pton(AF_INET, address, &in->sin_addr);
}

static void bring_up(int fd, const char *interface, const char *address, const char *mask) {
    struct ifreq request = { 0 };
    strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
    set_address(&request.ifr_addr, address);
    bool ok = ioctl(fd, SIOCSIFADDR, &request) == 0;
    set_address(&request.ifr_netmask, mask);
    ok = ok && ioctl(fd, SIOCSIFNETMASK, &request) == 0;
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (!ok || ioctl(fd, SIOCSIFFLAGS, &request) != 0) {
        complain(interface);
    }
}

static void start_network(const char *name_server) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bring_up(fd, "lo", "127.0.0.1", "255.0.0.0");
    bring_up(fd, "eth0", ADDRESS, NETMASK);
    struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY };
    set_address(&route.rt_dst, "0.0.0.0");
    set_address(&route.rt_genmask, "0.0.0.0");
    set_address(&route.rt_gateway, GATEWAY);
    if (ioctl(fd, SIOCADDRT, &route) != 0) {
        complain("default route");
    }
    close(fd);
    FILE *resolv = fopen("/etc/resolv.conf", "w");
    if (resolv != NULL) {
        fprintf(resolv, "nameserver %s\n", name_server);
        fclose(resolv);
    }
    char network[128];
    snprintf(network, sizeof(network), ADDRESS " " NETMASK " " GATEWAY " %s", name_server);
    setenv("DL7450_NETWORK", network, 0);
}

static void start_disks(void) {
    if (access(ROM_DISK, R_OK) == 0) {
        setenv("DL7450_ROM", ROM_DISK, 0);
    }
    if (access(DATA_DISK, R_OK) == 0) {
        mount_at(DATA_DISK, "/data", "ext4", NULL);
        setenv("DL7450_SCREEN", "/data/screen", 0);
        chdir("/data");
    }
}

static int run_program(const char *program, const char *serial) {
    pid_t pid = fork();
    if (pid == 0) {
        if (serial != NULL) {
            execl(program, program, "--serial", serial, "/rom", NULL);
        } else {
            execl(program, program, "/rom", NULL);
        }
        complain(program);
        _exit(127);
    }
    int status = 0;
    pid_t ended;
    // Orphans come here too.
    while ((ended = wait(&status)) != pid) {
        if (ended < 0 && errno != EINTR) {
            return 1;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(void) {
    mount_at("devtmpfs", "/dev", "devtmpfs", NULL);
    mount_at("proc", "/proc", "proc", NULL);
    mount_at("sysfs", "/sys", "sysfs", NULL);
    // Files in memory have a limit, as the program has (firmware/memory_limit.c): together they are less
    // than there is.
    mount_at("tmpfs", "/tmp", "tmpfs", FILES_LIMIT);
    if (mount(NULL, "/", NULL, MS_REMOUNT, FILES_LIMIT) != 0) {
        complain("/");
    }
    setenv("HOME", "/tmp", 1);
    static const char *const drivers[] = { "failover", "net_failover", "virtio_net", "virtio_blk" };
    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
        load_driver(drivers[i]);
    }
    const char *name_server = getenv("DL7450_NAME_SERVER");
    start_network(name_server != NULL ? name_server : NAME_SERVER);
    start_disks();
    setenv("DL7450_ROM", "/rom.img", 0); // the image's own store, unless there is another
    const char *program = getenv("DL7450_PROGRAM");
    int code = run_program(program != NULL ? program : PROGRAM, getenv("DL7450_SERIAL"));
    // The last line of the log: what started the machine reads it.
    printf("init: the program ended with exit code %d\n", code);
    fflush(stdout);
    chdir("/");
    umount("/data");
    sync();
    reboot(RB_POWER_OFF);
    return 1;
}
